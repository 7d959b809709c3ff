/** Who asks for something, as a service that protects its rows needs to know it. */
export type Actor = {
  userId: string
  /** Whether the role lets the actor change what belongs to others. */
  isAdmin: boolean
}
