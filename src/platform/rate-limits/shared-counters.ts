import type { Count } from './memory.ts'

/** Shared by several servers; without an answer while they are away. */
export type SharedCounters<Name extends string = string> = {
  consume: (name: Name, key: string) => Promise<Count | undefined>
  refund: (name: Name, key: string) => Promise<unknown>
  isThere: () => Promise<boolean>
  close: () => void
}
