import { randomUUID } from 'node:crypto'
import type { FleetServer } from '../machines/server.ts'
import { type Client, Lost, type Session } from './client.ts'
import type { Journal } from './journal.ts'

type Note = { title: string; version: number; how?: string }
type Options = { client: Client; session: Session; journal: Journal }

/** The notes of one account: what was acknowledged, and the acts on them. */
export function createNotes({ client, session, journal }: Options) {
  const known = new Map<string, Note>()

  async function create(): Promise<void> {
    const title = `note ${randomUUID()}`
    const { body, headers, mayBeRepeated } = await client.ask({
      ...{ method: 'POST', path: '/notes', body: { title }, session },
      ...{ key: randomUUID(), expects: [201] },
    })
    const how = `${mayBeRepeated ? 'repeated, ' : ''}by ${headers['x-served-by']} ${headers['x-request-id']}`
    if (body.title !== title) journal.accuse(`the answer is about another note: ${body.title}`)
    known.set(String(body.id), { title, version: Number(body.version), how })
  }

  async function read(): Promise<void> {
    const chosen = any()
    if (!chosen) return create()
    const [id, note] = chosen
    const { body } = await client.ask({
      ...{ method: 'GET', path: `/notes/${id}`, session, expects: [200] },
    })
    compare(id, note, body, 'through nginx')
  }

  /** Writes only over the version that it knows; a retry may find its own change. */
  async function change(): Promise<void> {
    const chosen = any()
    if (!chosen) return create()
    const [id, { version }] = chosen
    const title = `changed ${randomUUID()}`
    const answer = await client.ask({
      ...{ method: 'PATCH', path: `/notes/${id}`, body: { title }, session },
      ...{ headers: { 'if-match': `"${version}"` }, expects: [200, 412] },
    })
    if (answer.status === 412 && !answer.mayBeRepeated) {
      journal.accuse('a version changed without its owner', undefined, answer)
      throw new Lost('412')
    }
    known.set(id, { title, version: version + 1 })
    if (answer.status === 412) await read()
  }

  function any(): [string, Note] | undefined {
    const all = [...known]
    return all[Math.floor(Math.random() * all.length)]
  }

  function compare(id: string, note: Note, found: object | undefined, where: string): void {
    const { title, version } = (found ?? {}) as Partial<Note>
    if (title === note.title && version === note.version) return
    const said = JSON.stringify({ id, ...note })
    journal.accuse(`an acknowledged write is lost ${where}: ${said} is ${JSON.stringify(found)}`)
  }

  /** Compares all of them with what one server says. */
  async function readBack(server: FleetServer, ask: AskServer): Promise<void> {
    const found = new Map<string, Note>()
    let cursor: unknown = ''
    do {
      const { body } = await ask(server, `/notes?size=100&cursor=${cursor}`)
      for (const item of body.items as (Note & { id: string })[]) found.set(item.id, item)
      cursor = body.nextCursor ?? undefined
    } while (cursor !== undefined)
    for (const [id, note] of known) compare(id, note, found.get(id), `at ${server.name}`)
    if (found.size > known.size) {
      journal.accuse(`${found.size - known.size} notes were written twice, says ${server.name}`)
    }
  }

  return { create, read, change, readBack }
}

/** Asks one server past nginx. */
export type AskServer = (
  server: FleetServer,
  path: string,
) => Promise<{ body: Record<string, unknown> }>
