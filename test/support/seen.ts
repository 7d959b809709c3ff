import type { TestServer } from './helper.ts'

/** Writes down which tokens were seen, as the server does once a second. */
export async function writeNotes({ services }: TestServer): Promise<void> {
  await services.sessions.seen.write()
}
