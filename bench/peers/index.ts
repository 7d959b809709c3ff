import type { Target } from '../load/target.ts'
import { betterAuth } from './better-auth.ts'
import { express } from './express.ts'

export const peers: Target[] = [...express, ...betterAuth]
