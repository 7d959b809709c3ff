import type { Contender } from '../compare/contender.ts'
import { betterAuth } from './better-auth.ts'
import { express } from './express.ts'
import { flask } from './flask.ts'
import { nest } from './nest.ts'

export { ceilings } from './ceilings.ts'

export const peers: Contender[] = [...express, ...nest, ...betterAuth, ...flask]
