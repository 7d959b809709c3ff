// runs once
// How the command line is called: help, wrong words, exit codes. No database is opened.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { commandLinePage } from '../../scripts/command-line-page.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { confirm } from '../../src/cli/output.ts'
import { UsageError } from '../../src/cli/word.ts'
import { commandOf, latchkey } from '../support/operator.ts'
import { pageAt } from '../support/walkthrough.ts'

const paths = COMMANDS.flatMap((entry) =>
  'words' in entry
    ? [[entry.name], ...entry.words.map(({ usage }) => [entry.name, nameIn(usage)])]
    : [[nameIn(entry.usage)]],
)
const oldNames = COMMANDS.flatMap((entry) =>
  'words' in entry ? entry.words.flatMap(({ oldUsage }) => oldUsage ?? []) : [],
).map(nameIn)

function nameIn(usage: string): string {
  return usage.split(' ')[0] ?? ''
}

test('docs/command-line.md has the help of every command as it is', async () => {
  assert.equal(
    pageAt('docs/command-line.md'),
    await commandLinePage(),
    'run: npm run docs:commands',
  )
})

test('--help of every command says how it is used, with examples, on standard output', async () => {
  assert.deepEqual(
    COMMANDS.map((entry) => ('words' in entry ? entry.name : nameIn(entry.usage))),
    [
      'serve',
      'migrate',
      'user',
      'audit',
      'keys',
      'mail',
      'doctor',
      'calibrate',
      'backup',
      'copy-from',
      'dev-server',
    ],
  )
  for (const path of [...paths, ...oldNames.map((name) => [name])]) {
    const { code, out, err } = await latchkey([...path, '--help'])

    assert.deepEqual({ code, err }, { code: 0, err: '' })
    assert.ok(out.startsWith(`Usage: latchkey ${path.join(' ')} [options]`), out)
    assert.match(out, /\nExamples:\n {2}latchkey /)
  }
})

test('every example runs the command below which it stands', async () => {
  const words = COMMANDS.flatMap((entry) => ('words' in entry ? entry.words : [entry]))

  for (const { usage, examples } of words) {
    for (const line of examples)
      assert.equal(await commandOf(line.replace(/\(.*\)/, '')), usage, line)
  }
})

test('every command that a page names is one, with these options', async () => {
  const pages = readdirSync(new URL('../../docs', import.meta.url)).filter((name) =>
    /md$/.test(name),
  )
  const lines = pages.flatMap((page) =>
    [...pageAt(`docs/${page}`).matchAll(/npm run (?:-s )?cli -- ([^`#\n]+)/g)].map(
      ([, line = '']) =>
        // What a shell does with the line is not for the program.
        line.replace(/ [<>|] .*/, ''),
    ),
  )

  assert.ok(lines.length > 20)
  for (const line of lines) assert.notEqual(await commandOf(line.trim()), '', line)
})

test('--version is that of package.json', async () => {
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )

  assert.deepEqual(await latchkey(['--version']), { code: 0, out: `${version}\n`, err: '' })
})

for (const [line, message, fix] of [
  ['usr', "unknown command 'usr'", '(Did you mean user?)'],
  ['user shwo x', "unknown command 'shwo'", '(Did you mean show?)'],
  ['keys rotaet', "unknown command 'rotaet'", '(Did you mean rotate?)'],
  ['sign-out', "unknown command 'sign-out'", ''],
  ['set-rol x', "unknown command 'set-rol'", '(Did you mean set-role?)'],
  ['user set-role x', "unknown command 'set-role'", '(Did you mean user role?)'],
  ['rotate', "unknown command 'rotate'", '(Did you mean keys rotate?)'],
  ['keys rotate --nwo', "unknown option '--nwo'", '(Did you mean --now?)'],
  ['user show', "missing required argument 'name'", 'Usage: latchkey user show [options] <name>'],
  ['disable', "missing required argument 'name'", 'Usage: latchkey disable [options] <name>'],
  [
    'rotate-keys now',
    "too many arguments for 'rotate-keys'. Expected 0 arguments but got 1.",
    'Usage: latchkey rotate-keys [options]',
  ],
  [
    'user role lyshark admni',
    "command-argument value 'admni' is invalid for argument 'role'. Allowed choices are user, admin.",
    '(Did you mean admin?)\n\nUsage: latchkey user role [options] <name> <role>',
  ],
  [
    'mail outbox rety',
    "command-argument value 'rety' is invalid for argument 'what'. Allowed choices are list, retry, drop.",
    '(Did you mean retry?)\n\nUsage: latchkey mail outbox [options] [what] [id]',
  ],
] as const) {
  test(`latchkey ${line} ends with exit code 2 and says what to write`, async () => {
    const plain = await latchkey(line.split(' '))
    const json = await latchkey([...line.split(' '), '--json'])

    assert.deepEqual({ code: plain.code, out: plain.out }, { code: 2, out: '' })
    assert.ok(plain.err.startsWith(`error: ${message}\n`), plain.err)
    assert.ok(plain.err.includes(fix), plain.err)
    const { code, detail } = JSON.parse(json.err)
    assert.deepEqual([json.code, json.out, code], [2, '', 'wrong_usage'])
    assert.ok(detail.startsWith(message), detail)
  })
}

for (const [line, says] of [
  ['user end-sessions', 'Name one account, or --everybody.'],
  ['user end-sessions lyshark --everybody', 'Name one account, or --everybody.'],
  ['mail outbox drop', 'Name the mail to drop.'],
  ['mail outbox list 1', 'The list needs no id.'],
] as const) {
  test(`latchkey ${line} ends with exit code 2: ${says}`, async () => {
    assert.deepEqual(await latchkey(line.split(' ')), { code: 2, out: '', err: `${says}\n` })
  })
}

test('latchkey and latchkey user without a command end with exit code 2 and list the commands', async () => {
  for (const path of [[], ['user']]) {
    const { code, out, err } = await latchkey(path)
    const { out: help } = await latchkey([...path, '--help'])

    assert.deepEqual({ code, out, err: err.trimEnd() }, { code: 2, out: '', err: help.trimEnd() })
  }
})

for (const [path, names] of [
  [[], 'serve, migrate, user, audit, keys, mail, doctor, calibrate, backup, copy-from, dev-server'],
  [['keys'], 'list, rotate, reseal'],
] as const) {
  test(`latchkey ${path.join('')} --json without a command names those that there are`, async () => {
    const { code, out, err } = await latchkey([...path, '--json'])

    assert.deepEqual([code, out], [2, ''])
    const detail = `The command is missing: ${names}.`
    assert.deepEqual(JSON.parse(err), { code: 'wrong_usage', detail })
  })
}

test('doctor and calibrate end with exit code 2 when an option is missing or wrong', async () => {
  const doctor = await latchkey(['doctor', '--json', '--origin', ''])
  const calibrate = await latchkey(['calibrate', '--target', '2s'])

  assert.deepEqual([doctor.code, doctor.out], [2, ''])
  assert.match(JSON.parse(doctor.err).detail, /^--origin is empty: where is the frontend\?$/)
  assert.deepEqual([calibrate.code, calibrate.out], [2, ''])
  assert.match(calibrate.err, /^--target 2s is not a time .*\n\nUsage: latchkey calibrate /)
})

test('doctor --json has each finding', async () => {
  const allowed = await latchkey(['doctor', '--json', '--origin', 'http://localhost:5173'])
  const refused = await latchkey(['doctor', '--json', '--origin', 'https://app.example.org'])

  const { works, findings } = JSON.parse(allowed.out)
  assert.deepEqual([allowed.code, works, findings[0].rule], [0, true, 'settings'])
  assert.deepEqual([refused.code, JSON.parse(refused.out).works], [1, false])
})

test('a wrong setting ends a command with exit code 1 and the name of the setting', async () => {
  const env = { DATABASE_URL: 'postgres://lyshark:hunter2@db/x' }
  const { code, out, err } = await latchkey(['keys', 'list'], { env })

  assert.deepEqual([code, out], [1, ''])
  assert.match(err, /^Change these settings .*\n {2}DATABASE_URL: /)
  assert.ok(!err.includes('hunter2'))
})

test('a question that wants a word takes that word alone', async () => {
  const question = { text: 'This deletes lyshark.', word: 'lyshark' }
  const said: string[] = []
  const io = { env: {}, out: assert.fail, err: assert.fail }
  const answering = (answer: string) => ({
    ...io,
    ask: async (text: string) => {
      said.push(text)
      return answer
    },
  })

  await confirm(answering(' lyshark '), question)
  for (const other of ['y', 'yes', '', 'Lyshark', 'lysharks'])
    await assert.rejects(confirm(answering(other), question), { message: 'Nothing was done.' })
  await assert.rejects(confirm(io, question), UsageError)

  assert.deepEqual([...new Set(said)], ['This deletes lyshark. Type lyshark: '])
})
