// runs once
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { loadConfig } from '../../src/config/config.ts'
import { openFolderStorage } from '../../src/platform/file-storage.ts'
import { openLatchkey } from '../../src/server.ts'
import { scratchDirectory } from '../support/databases.ts'
import { freshDatabase } from '../support/helper.ts'

async function newStorage(t: TestContext) {
  const directory = join(scratchDirectory(t), 'data', 'uploads')
  return { directory, storage: await openFolderStorage(directory) }
}

async function bytesOf(file: Readable | undefined): Promise<Buffer> {
  assert.ok(file, 'there is such a file')
  return buffer(file)
}

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

test('a file is read as it was written, and is gone once it is removed', async (t) => {
  const { storage, directory } = await newStorage(t)
  const [name, bytes] = [randomUUID(), randomBytes(100_000)]

  await storage.write(name, bytes)
  const read = await bytesOf(await storage.read(name))
  await storage.remove(name)

  assert.deepEqual(read, bytes)
  assert.equal(await storage.read(name), undefined)
  assert.deepEqual(await filesIn(directory), [])
})

test('files lie in subfolders by the end of their names, for the owner alone', async (t) => {
  const { storage, directory } = await newStorage(t)
  const name = '01932c07-209f-7c5d-a3b2-5a1f6c0d9e42'

  await storage.write(name, Buffer.from('x'))

  const place = join(directory, '42', name)
  const modes = await Promise.all([directory, join(directory, '42'), place].map(modeOf))
  assert.deepEqual(modes, process.platform === 'win32' ? modes : ['700', '700', '600'])
})

const noFolderSync = process.platform === 'win32' && 'Windows opens no folders'

test('the folder of all is synced for a new subfolder alone', { skip: noFolderSync }, async (t) => {
  const { storage, directory } = await newStorage(t)
  const folder = await open(directory)
  const sync = t.mock.method(Object.getPrototypeOf(folder), 'sync')
  await folder.close()
  const syncs = []

  for (const end of ['00', '00', '01']) {
    const before = sync.mock.callCount()
    await storage.write(`${randomUUID().slice(0, -2)}${end}`, Buffer.of(1))
    syncs.push(sync.mock.callCount() - before)
  }

  // The file and its subfolder each time.
  assert.deepEqual(syncs, [3, 2, 3])
})

test('reading and removing a file that is not there is no error', async (t) => {
  const { storage } = await newStorage(t)

  await storage.remove(randomUUID())

  assert.equal(await storage.read(randomUUID()), undefined)
})

test('a name is used once: the file that has it stays as it is', async (t) => {
  const { storage } = await newStorage(t)
  const name = randomUUID()
  await storage.write(name, Buffer.from('first'))

  await assert.rejects(storage.write(name, Buffer.from('second')), { code: 'EEXIST' })

  assert.equal(String(await bytesOf(await storage.read(name))), 'first')
})

test('many parallel uploads find their slots', async (t) => {
  const { storage, directory } = await newStorage(t)
  const names = Array.from({ length: 40 }, () => randomUUID())

  await Promise.all(names.map((name) => storage.write(name, Buffer.from(name))))

  assert.deepEqual((await filesIn(directory)).sort(), names.sort())
})

test('no path can be composed of a name', async (t) => {
  const { storage, directory } = await newStorage(t)
  const id = randomUUID()

  for (const name of [
    '',
    '..',
    `../${id}`,
    `..\\${id}`,
    `/${id}`,
    `${id}/`,
    `${id}\0`,
    `${id}\n`,
    `${id}.jpg`,
    id.toUpperCase(),
    id.slice(1),
    `${id}0`,
    'CON',
    'x'.repeat(36),
  ]) {
    for (const use of [
      storage.read,
      storage.remove,
      (one: string) => storage.write(one, Buffer.of()),
    ])
      await assert.rejects(async () => use(name), /is a lower-case UUID/, JSON.stringify(name))
  }
  assert.deepEqual(await readdir(directory), [])
})

test('a file that cannot be written leaves nothing', async (t) => {
  const { storage, directory } = await newStorage(t)
  const notBytes = { length: 1 } as Uint8Array

  await assert.rejects(storage.write(randomUUID(), notBytes), { code: 'ERR_INVALID_ARG_TYPE' })

  assert.deepEqual(await filesIn(directory), [])
})

test('a folder that vanishes is not made again: it may be a disk that is away', async (t) => {
  const { storage, directory } = await newStorage(t)
  await storage.check()
  await rm(directory, { recursive: true })

  await assert.rejects(storage.check(), { code: 'ENOENT' })
  await assert.rejects(storage.write(randomUUID(), Buffer.of(1)), { code: 'ENOENT' })

  await assert.rejects(stat(directory), { code: 'ENOENT' })
})

test('a start with a folder that cannot be used is refused, and the setting named', async (t) => {
  const directory = scratchDirectory(t)
  await writeFile(join(directory, 'file'), '')
  await mkdir(join(directory, 'folder'))
  const start = (place: string) => {
    const config = loadConfig({ DATABASE_URL: url, UPLOADS_DIR: place, LOG_LEVEL: 'silent' })
    return openLatchkey({ config, masterSecrets: [randomBytes(32)] })
  }
  const url = await freshDatabase(t)

  await assert.rejects(start(join(directory, 'file')), /^Error: UPLOADS_DIR: the folder cannot be/)
  await assert.rejects(start(join(directory, 'file', 'x')), /^Error: UPLOADS_DIR: /)
  const latchkey = await start(join(directory, 'folder'))

  await latchkey.close()
})
