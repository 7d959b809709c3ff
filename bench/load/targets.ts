import { peers } from '../peers/index.ts'
import { bareFastify } from '../peers/upper-bounds.ts'
import { createLatchkey } from './latchkey.ts'
import type { Target } from './target.ts'

/** What the load needs to know of a server: anything but Latchkey goes by its own name. */
export function targetNamed(name: string): Target {
  return [bareFastify, ...peers].find((one) => one.name === name) ?? createLatchkey({ name })
}
