// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sourceFiles } from '../support/sources.ts'

/** Where sentences are for operators and developers, who read English. */
const ENGLISH =
  /^src\/(generated|languages|cli|config|doctor|calibrate|testing)\/|\/(openapi|health)\/|schemas?\.ts$/
/** A sentence under one of the names by which answers say something to people. */
const SENTENCE =
  /\b(?:detail|title|explanation|message|full|what)\b[^\n'`]{0,20}['`][A-Z][^'`\n]* [^'`\n]*[.!]['`]/g
/** What a check or the audit log says to the operator. */
const OPERATORS = new Set([
  'src/features/audit/verify.ts',
  'src/features/mail/feature.ts',
  'src/features/tokens/feature.ts',
])

test('what people read is in the catalogues, not in the code', async () => {
  const found = [...(await sourceFiles())]
    .filter(([file]) => file.startsWith('src/') && !ENGLISH.test(file) && !OPERATORS.has(file))
    .flatMap(([file, text]) => sentencesIn(text).map((sentence) => `${file}: ${sentence}`))

  assert.deepEqual(found, [])
  assert.equal(sentencesIn("throw NotFound({ detail: 'There is no such note.' })").length, 1)
  assert.equal(sentencesIn('detail: `You have 7 notes.`,').length, 1)
})

const sentencesIn = (text: string) => text.match(SENTENCE) ?? []
