// runs once
// What notes, houses and photos of examples/spa do without a browser.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { spaModule } from '../support/spa.ts'

type Note = { id: string; version: number; updatedAt: string; title: string }
type Upload = { id: number; file: { name: string }; state: string; share: number; error?: unknown }
type Sending = { onShare: (share: number) => void; signal: AbortSignal }
type Uploads = {
  store: { get: () => readonly Upload[] }
  add: (files: readonly { name: string }[]) => void
  repeat: (id: number) => void
  cancel: (id: number) => void
  cancelAll: () => void
}
type Spa = {
  saveOver: (change: {
    base: Note
    body: { title: string }
    send: (body: { title: string }, ifMatch: string) => Promise<Note>
    read: () => Promise<Note>
  }) => Promise<Note>
  LatchkeyError: new (problem: object) => Error
  createUploads: (options: {
    send: (file: { name: string }, sending: Sending) => Promise<string>
    onSent: (sent: string) => void
    onIdle: (count: number) => void
  }) => Uploads
  addressOf: (path: string, query: Record<string, string>) => string
  bodyOfNote: (values: { title: string; body: string; tags: string }) => { tags: string[] }
  queryOf: (query: Record<string, string>) => Record<string, string>
}

let spa: Spa

before(async () => {
  const files = ['resources/versions.ts', 'resources/pager.tsx', 'photos/uploads.ts']
  const forms = ['notes/note-fields.tsx', 'houses/list-query.ts']
  spa = await spaModule<Spa>(...files, ...forms, '../../../client/src/problem.ts')
})

const aNote = (version: number, title: string): Note => {
  return { id: 'one', version, updatedAt: '2026-11-30T12:00:00.000Z', title }
}

/** A note on a server that refuses changes of other versions. */
function serverWith(note: Note) {
  let now = note
  return {
    read: async () => now,
    async send({ title }: { title: string }, ifMatch: string) {
      const code = 'precondition_failed'
      if (ifMatch !== `"${now.version}"`)
        throw new spa.LatchkeyError({ code, detail: '', status: 412 })
      now = aNote(now.version + 1, title)
      return now
    },
  }
}

test('A change goes over the version that it starts from', async () => {
  const saved = await spa.saveOver({
    base: aNote(1, 'Old'),
    body: { title: 'New' },
    ...serverWith(aNote(1, 'Old')),
  })

  assert.deepEqual(saved, aNote(2, 'New'))
})

test('A change over another version is a conflict that brings what is there', async () => {
  const change = { base: aNote(1, 'Old'), body: { title: 'New' } }

  await assert.rejects(spa.saveOver({ ...change, ...serverWith(aNote(2, 'Other')) }), {
    name: 'Conflict',
    theirs: aNote(2, 'Other'),
  })
})

test('A change whose answer was lost makes no conflict when it is sent again', async () => {
  const server = serverWith(aNote(1, 'Old'))
  const change = { base: aNote(1, 'Old'), body: { title: 'New' } }
  await server.send(change.body, '"1"')

  assert.deepEqual(await spa.saveOver({ ...change, ...server }), aNote(2, 'New'))
})

test('Another failure of a change is not hidden', async () => {
  const send = () => Promise.reject(new TypeError('no answer'))
  const change = { base: aNote(1, 'Old'), body: { title: 'New' } }

  await assert.rejects(
    spa.saveOver({ ...change, read: async () => aNote(1, 'Old'), send }),
    new TypeError('no answer'),
  )
})

type Answer = { resolve: (photo: string) => void; reject: (reason: unknown) => void }

/** Uploads whose answers the test gives, by the name of the file. */
function someUploads() {
  const answers = new Map<string, Answer & Sending>()
  const said: (string | number)[] = []
  const uploads = spa.createUploads({
    send: ({ name }, sending) =>
      new Promise((resolve, reject) => {
        sending.signal.addEventListener('abort', () => reject(sending.signal.reason))
        answers.set(name, { resolve, reject, ...sending })
      }),
    onSent: (sent) => said.push(sent),
    onIdle: (count) => said.push(count),
  })
  const states = () => uploads.store.get().map(({ file, state }) => `${file.name} ${state}`)
  return { uploads, answers, said, states }
}

const files = (...names: string[]) => names.map((name) => ({ name }))

test('Two files are sent at a time, and the next one when one has arrived', async () => {
  const { uploads, answers, said, states } = someUploads()

  uploads.add(files('a', 'b', 'c'))
  const atFirst = states()
  answers.get('a')?.onShare(0.5)
  const share = uploads.store.get()[0]?.share
  answers.get('b')?.resolve('photo b')
  await setImmediate()
  const later = states()
  answers.get('a')?.resolve('photo a')
  answers.get('c')?.resolve('photo c')
  await setImmediate()

  assert.deepEqual(atFirst, ['a sending', 'b sending', 'c waiting'])
  assert.equal(share, 0.5)
  assert.deepEqual(later, ['a sending', 'c sending'])
  assert.deepEqual(states(), [])
  assert.deepEqual(said, ['photo b', 'photo a', 'photo c', 3])
})

test('A file that fails stops no other, and can be sent again', async () => {
  const { uploads, answers, said, states } = someUploads()

  uploads.add(files('a', 'b', 'c'))
  answers.get('a')?.reject(new TypeError('no answer'))
  answers.get('b')?.resolve('photo b')
  await setImmediate()
  answers.get('c')?.resolve('photo c')
  await setImmediate()
  const failed = states()
  uploads.repeat(uploads.store.get()[0]?.id ?? 0)
  answers.get('a')?.resolve('photo a')
  await setImmediate()

  assert.deepEqual(failed, ['a failed'])
  assert.deepEqual(said, ['photo b', 'photo c', 2, 'photo a', 1])
})

test('A cancelled file is aborted and leaves its place, and leaving the page cancels all', async () => {
  const { uploads, answers, said, states } = someUploads()

  uploads.add(files('a', 'b', 'c', 'd'))
  uploads.cancel(uploads.store.get()[0]?.id ?? 0)
  await setImmediate()
  const left = states()
  uploads.cancelAll()
  await setImmediate()

  assert.deepEqual(left, ['b sending', 'c sending', 'd waiting'])
  assert.deepEqual(
    [...answers].map(([name, { signal }]) => `${name} ${signal.aborted}`),
    ['a true', 'b true', 'c true'],
  )
  assert.deepEqual([states(), said], [[], []])
})

test('Tags are words between commas of any script, each once', () => {
  const { tags } = spa.bodyOfNote({ title: '', body: '', tags: ' home, 工作，keys、home,, ' })

  assert.deepEqual(tags, ['home', '工作', 'keys'])
})

test('The address of a list has what is not usual, and is read back', () => {
  const address = spa.addressOf('/houses', { q: '海 & sea', mine: '', sort: 'projectName' })
  const query = Object.fromEntries(new URL(address, 'http://localhost').searchParams)

  assert.equal(address, '/houses?q=%E6%B5%B7+%26+sea&sort=projectName')
  assert.deepEqual(spa.queryOf(query), { q: '海 & sea', mine: '', sort: 'projectName', cursor: '' })
  assert.equal(spa.queryOf({ sort: 'nonsense' }).sort, '-createdAt')
  assert.equal(spa.addressOf('/notes', { cursor: '' }), '/notes')
})
