// Attacks through uploaded files. See also: polyglots, metadata and bombs,
// ../photos/refused-images.test.ts and ../photos/image-costs.test.ts; file names and headers,
// ../photos/photo-responses.test.ts; endless bodies, ../photos/upload-limits.test.ts; names in the
// folder, ../photos/file-storage.test.ts.
import assert from 'node:assert/strict'
import { open, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { call, UUID_V7 } from '../support/answers.ts'
import { bearer, type Person, signedUp } from '../support/factories.ts'
import type { TestServer } from '../support/helper.ts'
import { ask, newHouse, sharedServer } from '../support/houses.ts'
import { aPicture, formOf, formWith } from '../support/pictures.ts'
import { assertProblem } from '../support/problems.ts'
import { exchange } from '../support/raw-http.ts'

const theServer = sharedServer({ RATE_LIMITS: 'off' })

/** Somebody with a house of their own, and what a file of theirs becomes. */
async function scene() {
  const server = await theServer()
  const owner = await signedUp(server)
  const house = await newHouse(server, owner)
  const photos = `/houses/${house.id}/photos`
  return { server, owner, house, photos, upload: uploader(server, owner, photos) }
}

function uploader(server: TestServer, { access_token }: Person, photos: string) {
  return ({ payload, headers }: ReturnType<typeof formOf>) =>
    call(server, `POST ${photos}`, payload, { ...headers, ...bearer(access_token) })
}

async function filesOf({ uploads }: TestServer): Promise<string[]> {
  const entries = await readdir(uploads, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

test('no address of a photo leads to another file', async (t) => {
  const { server, owner, photos, upload } = await scene()
  const { id } = (await upload(formWith(await aPicture('png')))).json<{ id: string }>()
  const secret = join(server.uploads, '..', 'secret')
  await writeFile(secret, 'SECRET')
  await writeFile(join(server.uploads, id.slice(-2), 'neighbour'), 'SECRET')
  const head = `Host: localhost\r\nAuthorization: Bearer ${owner.access_token}\r\nConnection: close\r\n\r\n`
  const ways = [
    ...['../secret', '../../secret', '..%2fsecret', '..%2f..%2fsecret', '%2e%2e%2fsecret'],
    ...['..%5csecret', '..\\secret', '....//secret', '.%2e/secret', '%252e%252e%252fsecret'],
    ...[`${id.slice(-2)}%2fneighbour`, 'neighbour', encodeURIComponent(secret), secret, '.', '..'],
    ...[`${id}%2f..%2fneighbour`, `${id}%00.png`, `${id}.png`, `${id}%20`, `${id};x`, `${id}%0a`],
    ...[
      id.toUpperCase(),
      `%7b${id}%7d`,
      `${id.slice(0, -1)}*`,
      '.htaccess',
      'CON',
      'C:%5cboot.ini',
    ],
    ...['%e2%80%aegnp', 'x'.repeat(4096), '%ff', 'null', '*', '[object%20Object]'],
  ]

  for (const way of ways) {
    for (const method of ['GET', 'DELETE']) {
      const request = `${method} ${photos}/${way} HTTP/1.1\r\n${head}`
      const { statusCode, body } = await exchange(t, server.app, request)
      assert.match(String(statusCode), /^4(00|04|05|14)$/, `${method} ${way}: ${body}`)
      assert.ok(!body.includes('SECRET'), way)
    }
  }

  assert.equal((await ask(server, `GET ${photos}/${id}`, owner)).statusCode, 200)
  assert.deepEqual((await filesOf(server)).sort(), [id, 'neighbour'].sort())
})

test('the content of a file decides its type and the server its name, regardless of the form', async () => {
  const { server, owner, photos, upload } = await scene()
  const before = await filesOf(server)
  const content = await aPicture('png')
  const part = { name: 'file', filename: 'a.png', content }
  const evil = '../../../../etc/cron.d/evil'
  const forms = {
    'a page': { ...part, filename: 'a.html', type: 'text/html' },
    'a script': { ...part, filename: 'a.js', type: 'application/javascript' },
    'two names': { ...part, headers: [`X-File-Name: ${evil}`, `Content-Location: ${evil}`] },
    'a name by RFC 5987': { ...part, filename: `x"; filename*=UTF-8''${encodeURIComponent(evil)}` },
    'another encoding': { ...part, headers: ['Content-Transfer-Encoding: base64'] },
    'a compression': { ...part, headers: ['Content-Encoding: gzip'] },
    'a form within': { ...part, type: 'multipart/mixed; boundary=inner' },
    'a name with a line break': { ...part, filename: 'x\nX-Evil: 1' },
    'a name that is a path': { ...part, filename: evil },
    'no type': part,
  }

  const stored: string[] = []
  for (const [what, form] of Object.entries(forms)) {
    const answer = await upload(formOf([form]))
    assert.ok([201, 400].includes(answer.statusCode), `${what}: ${answer.body}`)
    if (answer.statusCode === 400) continue
    const { id, contentType } = answer.json<{ id: string; contentType: string }>()
    const { headers } = await ask(server, `GET ${photos}/${id}`, owner)
    assert.deepEqual(
      [contentType, headers['content-type'], headers['content-disposition']],
      ['image/png', 'image/png', `inline; filename="${id}.png"`],
      what,
    )
    stored.push(id)
  }

  assert.ok(stored.length >= 8)
  const added = (await filesOf(server)).filter((name) => !before.includes(name))
  assert.deepEqual(added.sort(), stored.sort())
  assert.ok(added.every((name) => UUID_V7.test(name)))
})

test('while the disk is full a photo is 503 and leaves nothing, and there is room again after it', async (t) => {
  const { server, house, owner, photos, upload } = await scene()
  const before = await filesOf(server)
  const form = formWith(await aPicture('png'))
  const probe = await open(join(server.uploads, '..', 'probe'), 'w')
  const handles = Object.getPrototypeOf(probe)
  await probe.close()
  const place = async () => {
    const row = await server.database.client.house.findUniqueOrThrow({ where: { id: house.id } })
    return [
      row.photoCount,
      await server.database.client.photo.count({ where: { houseId: house.id } }),
    ]
  }

  for (const [method, code] of [
    ['writeFile', 'ENOSPC'],
    ['sync', 'EIO'],
    ['writeFile', 'EDQUOT'],
  ] as const) {
    const failure = Object.assign(new Error(`${code}: injected`), { code })
    const full = t.mock.method(handles, method, () => Promise.reject(failure))
    const answer = await upload(form)
    full.mock.restore()
    const detail = 'The server cannot store files at the moment; retry later.'
    assertProblem(answer, 'unavailable', { detail, headers: { 'retry-after': '1' } })
    assert.deepEqual([await filesOf(server), await place()], [before, [0, 0]])
  }

  assert.equal((await upload(form)).statusCode, 201)
  assert.equal((await ask(server, `GET ${photos}`, owner)).json().items.length, 1)
})
