import { hasCode } from './answered.ts'

/** What every resource of the API has: each change counts its version up. */
export type Versioned = { id: string; version: number; updatedAt: string }

/** The version that a change starts from, for `If-Match`: the server refuses it if it is older. */
export function etagOf({ version }: Versioned): string {
  return `"${version}"`
}

/** Somebody has changed the resource since it was read. */
export class Conflict<Resource> extends Error {
  override readonly name = 'Conflict'
  /** As it is now. */
  readonly theirs: Resource

  constructor(theirs: Resource) {
    super('The resource was changed in the meantime.')
    this.theirs = theirs
  }
}

type Change<Body, Resource> = {
  /** What the change starts from. */
  base: Versioned
  body: Body
  send: (body: Body, ifMatch: string) => Promise<Resource>
  read: () => Promise<Resource>
}

/** Saves over the version that was read, and over no other. @throws Conflict, LatchkeyError */
export async function saveOver<Body extends object, Resource extends Versioned & Body>({
  base,
  body,
  send,
  read,
}: Change<Body, Resource>): Promise<Resource> {
  try {
    return await send(body, etagOf(base))
  } catch (error) {
    if (!hasCode(error, 'precondition_failed')) throw error
    const theirs = await read()
    // It is what we wanted: we had saved it before, and the answer was lost.
    if (isSame(body, theirs)) return theirs
    throw new Conflict(theirs)
  }
}

/** Whether a resource has all that a body asks for. */
function isSame<Body extends object>(body: Body, resource: Body): boolean {
  const names = Object.keys(body) as (keyof Body)[]
  return names.every((name) => JSON.stringify(body[name]) === JSON.stringify(resource[name]))
}
