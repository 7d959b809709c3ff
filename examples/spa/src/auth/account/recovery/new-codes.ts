import { createStore } from '../../ui/index.ts'

/** Recovery codes that were made just now: nobody can see them again. */
export const newCodes = createStore<string[] | undefined>(undefined)
