// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columns } from '../../src/cli/output.ts'

test('a table shows a mark for each character that would move or turn the text', () => {
  const hidden = ['\u001b[2J', 'a\u202eb', 'c\nd', 'e\u2028f', 'g\u0000h', 'i\u200bj']

  const shown = columns([['name'], ...hidden.map((cell) => [cell])])

  const lines = ['name', '\ufffd[2J', 'a\ufffdb', 'c\ufffdd', 'e\ufffdf', 'g\ufffdh', 'i\ufffdj']
  assert.deepEqual(shown.split('\n'), lines)
})
