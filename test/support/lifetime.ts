/** What ends what somebody started: a test, or a program that cleans up after itself. */
export type Lifetime = { after: (undo: () => unknown) => void }
