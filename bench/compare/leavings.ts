/** What was opened and must be closed again. */
export type Leavings = { add: (undo: () => unknown) => void; leave: () => Promise<void> }

/** Undoes everything, the last first, also when one of them fails. */
export function createLeavings(): Leavings {
  const undos: (() => unknown)[] = []
  return {
    add: (undo) => void undos.push(undo),
    leave: async () => {
      for (let undo = undos.pop(); undo; undo = undos.pop()) {
        try {
          await undo()
        } catch (error) {
          console.error(error)
        }
      }
    },
  }
}
