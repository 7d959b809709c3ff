// runs once
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { createHeadWatch } from '../../src/http/body/part-heads.ts'
import { formOf } from '../support/pictures.ts'
import { assertProblem } from '../support/problems.ts'
import { exchange } from '../support/raw-http.ts'
import { file, head, received, UPLOADS_PER_USER, uploadServer } from '../support/upload-server.ts'

const HEADS = 'A part of the form may have 16 headers, and 8 KiB of them.'

/** A form with one part whose headers are so many, or so many bytes. */
function formWithHead({ headers = 1, bytes = 0 }) {
  // What is cut would be the name.
  const last = 'Content-Disposition: form-data; name="file"'
  const more = Array.from({ length: headers - 1 }, (_, index) => `X-${index}: y`)
  const padding = bytes === 0 ? [] : [`X: ${'y'.repeat(bytes - last.length - 5)}`]
  const payload = `--b\r\n${[...more, ...padding, last].join('\r\n')}\r\n\r\nx\r\n--b--\r\n`
  return { payload, headers: formOf([], 'b').headers }
}

test('headers of a part are taken up to their limits and refused beyond, never cut', async (t) => {
  const { post } = await uploadServer(t)

  for (const most of [{ headers: 16 }, { bytes: 8192 }]) {
    const answer = await post(formWithHead(most))
    assert.deepEqual(answer.json(), received(Buffer.from('x')), JSON.stringify(most))
  }
  for (const more of [{ headers: 17 }, { headers: 5000 }, { bytes: 8193 }, { bytes: 60_000 }]) {
    const answer = await post(formWithHead(more))
    assertProblem(answer, 'malformed_request', { detail: HEADS })
  }
})

test('headers of a part are parsed alike in chunks of any size', async (t) => {
  const { post } = await uploadServer(t)
  const inPieces = async (form: ReturnType<typeof formWithHead>, size: number) => {
    const bytes = Buffer.from(form.payload)
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    )
    const headers = { ...form.headers, 'transfer-encoding': 'chunked' }
    return (await post({ headers, payload: Readable.from(pieces) })).statusCode
  }

  for (const size of [1, 2, 3, 5, 7, 1000, 8192]) {
    assert.equal(await inPieces(formWithHead({ bytes: 8192 }), size), 200, `${size}`)
    assert.equal(await inPieces(formWithHead({ bytes: 8193 }), size), 400, `${size}`)
  }
})

test('a part without headers is refused and holds nothing up', async (t) => {
  const { app, post } = await uploadServer(t)
  const body = `--b\r\n\r\n${'A'.repeat(100_000)}\r\n--b--\r\n`

  const answers = await Promise.all(
    Array.from({ length: UPLOADS_PER_USER }, () =>
      exchange(t, app, `${head([`Content-Length: ${body.length}`, 'Connection: close'])}${body}`),
    ),
  )

  // On Node 20 the parser stops there for ever; on later ones it finds no file.
  for (const { statusCode } of answers) assert.equal(statusCode, 400)
  assert.equal((await post(formOf([file()]))).statusCode, 200)
})

for (const boundary of ['line', '"line"', '"a line"']) {
  test(`headers of a part are refused before they end, with boundary=${boundary}`, () => {
    const watch = createHeadWatch(`multipart/form-data; boundary=${boundary}`)
    watch(Buffer.from(`--${boundary.replaceAll('"', '')}\r\n`))

    watch(Buffer.from(`A: ${'a'.repeat(8000)}`))

    assert.throws(() => watch(Buffer.from('a'.repeat(1000))), /at most|may have 16 headers/)
  })
}
