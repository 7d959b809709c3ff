import type { Visit } from '@latchkey/client/server'

declare global {
  namespace App {
    interface Locals {
      visit: Visit
    }
  }
}
