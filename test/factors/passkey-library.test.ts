// runs once
// The library that checks signatures takes its time and memory only where there are passkeys.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { Session } from 'node:inspector'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createAuthenticator } from '../../src/testing/authenticator.ts'
import { startServer } from '../support/helper.ts'
import { answerByPasskey, begunByPasskey, personWithPasskey } from '../support/passkeys.ts'

/** The number of scripts of the library that this process has loaded. */
function ofLibrary(t: TestContext): () => number {
  const scripts: string[] = []
  const session = new Session()
  session.connect()
  t.after(() => session.disconnect())
  session.on('Debugger.scriptParsed', ({ params }) => void scripts.push(params.url))
  session.post('Debugger.enable')
  assert.ok(scripts.length > 100, `${scripts.length} scripts`)
  return () => scripts.filter((url) => url.includes('/@simplewebauthn/')).length
}

const TITLE = 'the library of passkeys is loaded with the first of them, and not by other requests'

// Other files of the folder load it, and may be in this process.
if (process.env.ALONE === '1') test(TITLE, tryAlone)
else {
  test(TITLE, () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const program = ['--import', 'tsx', fileURLToPath(import.meta.url)]
    execFileSync(process.execPath, program, { env: { ...env, ALONE: '1' }, stdio: 'pipe' })
  })
}

async function tryAlone(t: TestContext): Promise<void> {
  const loaded = ofLibrary(t)
  const server = await startServer(t)
  const { token, passkey } = await begunByPasskey(server)
  const unknown = createAuthenticator().use(passkey.challenge)

  const refused = await answerByPasskey(server, token, unknown)
  const without = loaded()
  await personWithPasskey(server)

  assert.equal(refused.statusCode, 401)
  assert.equal(without, 0)
  assert.ok(loaded() > 0)
}
