// What one user's worst images do to the photos of another:
// npm run bench:photos [-- --quick] [-- --write]
import { randomBytes } from 'node:crypto'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { ApiError } from '../../src/platform/errors/api-error.ts'
import { createImages } from '../../src/platform/images/images.ts'
import { type Sample, timed } from '../support/interleaved.ts'
import { writeFigures } from '../support/page.ts'
import { ask, post, register } from '../support/requests.ts'
import { settingsFor, startLatchkey } from '../support/server.ts'
import { inWorkspace } from '../support/workspace.ts'
import { figuresOf, missedIn, type Report } from './report.ts'
import { worstImages } from './worst-images.ts'

const CONNECTIONS = 16
const SWELL_MS = 2000
const SMALL_EVERY_MS = 1000
const PHOTOS_PER_HOUSE = 20

const { values: options } = parseArgs({
  options: { write: { type: 'boolean' }, quick: { type: 'boolean' } },
})
const ROUND_MS = options.quick ? 8000 : 40_000

await inWorkspace(async ({ folder, onClose }) => {
  const settings = settingsFor(folder, `file:${join(folder, 'photos.db')}`)
  const server = await startLatchkey(folder, settings)
  onClose(server.stop)
  const report = await measure(server.base)
  console.log(figuresOf(report))
  if (options.write) writeFigures('photos.md', figuresOf(report))
  const missed = missedIn(report)
  for (const what of missed) console.log(`MISSED: ${what}`)
  return missed.length === 0 || options.quick === true
})

async function measure(base: string): Promise<Report> {
  const worst = await worstImages()
  const kinds = await decodeEach(worst)
  // Both users come from elsewhere: they take nothing from the server.
  setPriority(constants.priority.PRIORITY_LOW)
  const [busy, other] = [await uploader(base, 'busy'), await uploader(base, 'other')]
  const dot = { width: 1, height: 1, channels: 3, background: '#f00' } as const
  const small = await sharp({ create: dot }).png().toBuffer()
  const alone = await sendSmall(other, small, ROUND_MS / 4)
  const attacking = attack(busy, Object.values(worst), ROUND_MS + SWELL_MS)
  await pause(SWELL_MS)
  const beside = await sendSmall(other, small, ROUND_MS)
  return { kinds, alone, beside, attack: await attacking }
}

/** How long the decoder takes for each image, with nothing beside it. */
async function decodeEach(images: Record<string, Buffer>): Promise<Report['kinds']> {
  const decoder = createImages()
  const kinds: Report['kinds'] = []
  for (const [name, bytes] of Object.entries(images)) {
    let outcome = 'taken'
    const { ms } = await timed(() =>
      decoder.reencode(bytes, { userId: '' }).catch((error) => {
        if (!(error instanceof ApiError)) throw error
        outcome = error.definition.code
      }),
    )
    kinds.push({ name, kib: bytes.length / 1024, ms, outcome })
  }
  decoder.close()
  return kinds
}

type Send = (bytes: Buffer) => Promise<number>

/** A user with a house that is never full. @returns uploads a photo, and answers the status */
async function uploader(base: string, username: string): Promise<Send> {
  const { token } = await register(base, username)
  const headers = { authorization: `Bearer ${token}` }
  const newHouse = () => {
    const body = { projectNo: randomBytes(8).toString('hex'), projectName: 'Haus' }
    return ask<{ id: string }>(base, post('/houses', body, headers))
  }
  let [sent, house] = [0, newHouse()]
  return async (bytes) => {
    if (++sent % PHOTOS_PER_HOUSE === 0) house = newHouse()
    const body = new FormData()
    body.set('file', new Blob([Uint8Array.from(bytes)]), 'photo')
    const url = `${base}/houses/${(await house).id}/photos`
    const answer = await fetch(url, { method: 'POST', headers, body })
    await answer.arrayBuffer()
    return answer.status
  }
}

/** One small picture at a time, and at most one a second. */
async function sendSmall(send: Send, bytes: Buffer, ms: number): Promise<Sample[]> {
  const samples: Sample[] = []
  const until = performance.now() + ms
  while (performance.now() < until) {
    const sample = await timed(() => send(bytes))
    samples.push(sample)
    await pause(Math.max(0, SMALL_EVERY_MS - sample.ms))
  }
  return samples
}

/** Many connections, each with the next image as soon as it has the answer to the last. */
async function attack(send: Send, images: Buffer[], ms: number): Promise<Report['attack']> {
  const until = performance.now() + ms
  const statuses: Report['attack'] = {}
  const connection = async (_: unknown, index: number) => {
    for (let turn = index; performance.now() < until; turn++) {
      const status = await send(images[turn % images.length] ?? Buffer.of()).catch(() => 0)
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  return statuses
}
