// What a Latchkey server answers at /client.js: the client, which knows the address that it came from.
import { createLatchkey as create, type LatchkeyOptions } from './index.ts'

export * from './index.ts'

const [baseUrl = ''] = import.meta.url.split('/client.js')

/** Like that of the package, but `baseUrl` may be left out. */
export const createLatchkey = (options?: Partial<LatchkeyOptions>) =>
  create({ baseUrl, ...options })
