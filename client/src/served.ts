// The client as /client.js, which knows its server's address.
import { createLatchkey as create, type LatchkeyOptions } from './index.ts'

export * from './index.ts'

const [baseUrl = ''] = import.meta.url.split('/client.js')

export const createLatchkey = (options?: Partial<LatchkeyOptions>) =>
  create({ baseUrl, ...options })
