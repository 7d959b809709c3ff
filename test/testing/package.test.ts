// runs once
// What applications get that install Latchkey for their tests: one entry, with types that stand
// alone, and nothing of it in the server.
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const COMPILER = join(ROOT, 'node_modules/typescript/bin/tsc')
const DIST = join(ROOT, 'dist')

const run = promisify(execFile)

const APPLICATION = `import { startLatchkey, type Person, type TestLatchkey } from 'latchkey/testing'

for (const process of [false, true]) {
  const latchkey: TestLatchkey = await startLatchkey({ process, settings: { LOG_LEVEL: 'error' } })
  const ada: Person = await latchkey.aUser({ totp: true })
  const { status } = await (await latchkey.signedIn(ada)).fetch('/me')
  console.log(status, latchkey.totpCode(ada).length)
  await latchkey.close()
}
`
const WRONG = `import { startLatchkey } from 'latchkey/testing'

const latchkey = await startLatchkey({ settings: { PORT: 3000 } })
await latchkey.aUser({ nickname: 'ada' })
await latchkey.delay('1s')
`
const SETTINGS = {
  ...{ target: 'es2022', module: 'nodenext', strict: true, outDir: 'out', skipLibCheck: false },
  ...{ types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] },
}

before(() => void execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')]))

/** An application into which Latchkey was installed from its folder, which makes a link. */
function application(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-application-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules/latchkey'), 'junction')
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'app.test.ts'), text)
  const config = { compilerOptions: SETTINGS, files: ['app.test.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  return folder
}

test('an application compiles against latchkey/testing and runs', async (t) => {
  const cwd = application(t, APPLICATION)
  await run(process.execPath, [COMPILER], { cwd }).catch(({ stdout }) => assert.fail(stdout))

  const { stdout } = await run(process.execPath, ['out/app.test.js'], { cwd })
  assert.equal(stdout, '200 6\n200 6\n')
})

test('the types refuse what is wrong', async (t) => {
  const cwd = application(t, WRONG)

  await assert.rejects(run(process.execPath, [COMPILER], { cwd }), ({ stdout }) => {
    const lines = [...String(stdout).matchAll(/app\.test\.ts\((\d+),/g)].map(([, line]) => line)
    assert.deepEqual(lines, ['3', '4', '5'], stdout)
    return true
  })
})

test('the server loads nothing of the kit', () => {
  const loaded = staticallyLoaded('main.js')
  const text = [...loaded].map((name) => readFileSync(join(DIST, name), 'utf8')).join('\n')

  assert.ok(loaded.size > 3)
  assert.doesNotMatch(text, /latchkey-test-|startDevServer|createAuthenticator/)
  assert.deepEqual([...staticallyLoaded('testing/index.js')], ['testing/index.js'])
})

/** What a program loads at its start, and with the server. */
function staticallyLoaded(program: string): Set<string> {
  const loaded = new Set<string>()
  const waiting = [program]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (loaded.has(name)) continue
    loaded.add(name)
    const text = readFileSync(join(DIST, name), 'utf8')
    const imports = text.matchAll(
      /(?:\bfrom|^import) *"\.\/([^"]+)"|import\("\.\/(server-[^"]+)"\)/gm,
    )
    for (const [, fixed, late] of imports) waiting.push(fixed ?? late ?? '')
  }
  return loaded
}
