import { signedUp } from './factories.ts'
import { newHouse, sharedServer } from './houses.ts'

export const FOX = '🦊'
export const UNKNOWN = '01932c07-209f-7c5d-a3b2-5a1f6c0d9e42'

export const theServer = sharedServer()

/** Somebody who has a house. */
export async function withHouse() {
  const server = await theServer()
  const person = await signedUp(server)
  const house = await newHouse(server, person)
  return { server, person, house, address: `/houses/${house.id}` }
}
