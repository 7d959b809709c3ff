// runs once
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadDotEnv, readDotEnv } from '../../src/config/env-file.ts'
import { settingWarnings } from '../../src/config/warnings.ts'

const read = (text: string) => Object.fromEntries(readDotEnv(Buffer.from(text)))

const SAMPLE = '# a remark\n\nPORT=3001\nexport LOG_LEVEL = warn   # quiet\nHOST="127.0.0.1"\n'
const MEANT = { PORT: '3001', LOG_LEVEL: 'warn', HOST: '127.0.0.1' }
const utf16 = Buffer.from(`\ufeff${SAMPLE}`, 'utf16le')

for (const [editor, bytes] of Object.entries({
  'plain UTF-8': Buffer.from(SAMPLE),
  'UTF-8 with a byte order mark': Buffer.from(`\ufeff${SAMPLE}`),
  'UTF-16, little end first': utf16,
  'UTF-16, big end first': Buffer.from(utf16).swap16(),
  'line ends of Windows': Buffer.from(SAMPLE.replaceAll('\n', '\r\n')),
  'line ends of old Macs': Buffer.from(SAMPLE.replaceAll('\n', '\r')),
  'no line end at the end': Buffer.from(SAMPLE.trimEnd()),
  'spaces and no-break spaces around': Buffer.from(SAMPLE.replaceAll(/^|$/gm, ' \u00a0\t')),
})) {
  test(`.env as an editor writes it is read the same: ${editor}`, () => {
    assert.deepEqual(Object.fromEntries(readDotEnv(bytes)), MEANT)
  })
}

test('.env: values keep all that they have, and quotes keep even more', () => {
  const text = [
    'A=one two',
    'B=a=b&c==',
    `C='# no remark '`,
    'D="with \'other\' quotes" # remark',
    'E=`a "b" c`',
    'F=',
    'G= # nothing',
    'H=back\\slash\\n',
    'I=mid"dle',
  ]

  assert.deepEqual(read(text.join('\n')), {
    A: 'one two',
    B: 'a=b&c==',
    C: '# no remark ',
    D: "with 'other' quotes",
    E: 'a "b" c',
    F: '',
    G: '',
    H: 'back\\slash\\n',
    I: 'mid"dle',
  })
})

for (const [what, line] of Object.entries({
  'a name alone': 'PORT',
  YAML: 'PORT: 3001',
  'a command of Windows': 'set PORT=3001',
  'a variable of PowerShell': '$env:PORT=3001',
  'a name with a dash': 'LOG-LEVEL=canary',
  'a name that begins with a digit': '2PORT=canary',
  'quotes that do not close': 'SECRET="canary',
  'text behind the quotes': 'SECRET="canary" more',
  'quotes of print': 'SECRET=“canary”',
  'a # in the middle': 'SECRET=canary#more',
  'a # at the beginning': 'SECRET=#canary',
  'a control character': 'SECRET=canary\u0000more',
  'a name twice': 'FIRST=canary',
})) {
  test(`.env: ${what} stops the start with the number of its line, and is not repeated`, () => {
    const start = () => read(`FIRST=1\r\n# remark\r\n\r\n${line}\r\nLAST=1\r\n`)

    assert.throws(start, ({ message }: Error) => {
      assert.match(message, /^\.env, line 4: it|^\.env, line 4: a #/)
      assert.doesNotMatch(message, /canary|3001/)
      return true
    })
  })
}

test('.env that is not text, or UTF-16 without a byte order mark, stops the start', () => {
  assert.throws(
    () => readDotEnv(Buffer.from([0x41, 0x3d, 0xff, 0xc0])),
    /^Error: \.env: it is not text/,
  )
  assert.throws(
    () => readDotEnv(Buffer.from('PORT=1\n', 'utf16le')),
    /^Error: \.env, line 1: .*UTF-8/,
  )
})

test('.env never wins over the environment, and a folder without one is fine', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, '.env')
  const env = { PORT: '3005' }

  assert.deepEqual(loadDotEnv(env, path), [])
  writeFileSync(path, 'PORT=3001\nHOST=::1\n')
  assert.deepEqual(loadDotEnv(env, path), ['PORT', 'HOST'])
  assert.deepEqual(env, { PORT: '3005', HOST: '::1' })
  assert.throws(() => loadDotEnv(env, folder), /^Error: \.env: the file cannot be read \(EISDIR\)/)
})

test('unknown names get a warning: all in .env, and nearly known ones in the environment', () => {
  const told = (env: Record<string, string>, inFile: string[] = []) =>
    settingWarnings(env, inFile).map(({ name, fix }) => `${name}: ${fix}`)

  assert.deepEqual(
    told({ ARGON2_MEMORY: '1', SECRETS: 'x', LOG_LEVEL: 'info' }, [
      'ARGON2_MEMORY',
      'SECRETS',
      'LOG_LEVEL',
    ]),
    [
      'ARGON2_MEMORY: it is not a setting and has no effect',
      'SECRETS: it is not a setting; write SECRET',
    ],
  )
  for (const [name, meant] of [
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATBAASE_URL', 'DATABASE_URL'],
    ['TRUST_PROXYY', 'TRUST_PROXY'],
    ['redis_url', 'REDIS_URL'],
    ['SECRET_FILES', 'SECRET_FILE'],
  ]) {
    assert.deepEqual(told({ [String(name)]: 'x' }), [
      `${name}: it is not a setting; write ${meant}`,
    ])
  }
  assert.deepEqual(told({ PORT_FILE: 'x' }), [
    'PORT_FILE: only secrets come from files; write PORT',
  ])
  const others = [
    'PATH',
    'HOSTNAME',
    'HOME',
    'PORTS',
    'NODE_OPTIONS',
    'npm_config_cache',
    'SECRETS_DIR',
    'LOG',
  ]
  assert.deepEqual(told(Object.fromEntries(others.map((name) => [name, 'x']))), [])
  assert.match(
    told({ UV_THREADPOOL_SIZE: '8' }, ['UV_THREADPOOL_SIZE']).join(),
    /set it in the environment/,
  )
})
