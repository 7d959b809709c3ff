import assert from 'node:assert/strict'
import { ApiError } from '../../src/platform/errors/api-error.ts'
import { createImages } from '../../src/platform/images/images.ts'

export const images = createImages()
export const reencode = (bytes: Buffer) => images.reencode(bytes, { userId: 'somebody' })

/** What was thrown, as a client would see it. */
export async function refusalOf(work: Promise<unknown>) {
  const error = await work.then(
    () => assert.fail('accepted'),
    (thrown) => thrown,
  )
  assert.ok(error instanceof ApiError, String(error))
  const issues = error.errors?.map(({ pointer, code }) => `${pointer} ${code}`)
  return [error.definition.code, ...(issues ?? [])]
}
