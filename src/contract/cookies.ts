import { hostCookies } from '../config/browsers.ts'
import { exampleTokens } from './session.ts'

const attributes = 'Path=/; HttpOnly; Secure; SameSite=Strict'

/** The header of a response that opens or continues a session. */
export const sessionHeaders = {
  'Set-Cookie': {
    type: 'string',
    description:
      'In cookie transport, the refresh token. Signing in also sets `__Host-latchkey-device`, by which the server recognizes the device later; it gives no access. At `http://localhost`, outside production, both cookies lack the prefix and `Secure`.',
    example: `${hostCookies.refresh}=${exampleTokens.refresh}; Max-Age=2592000; ${attributes}`,
  },
} as const

/** The header of a response that ends a session. */
export const endedHeaders = {
  'Set-Cookie': {
    type: 'string',
    description: 'Makes a browser delete the refresh cookie, if it has one.',
    example: `${hostCookies.refresh}=; Max-Age=0; ${attributes}`,
  },
} as const
