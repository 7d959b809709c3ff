import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Case, Ring } from './token-cases.ts'
import { pageFor, stepsOf } from './walkthrough.ts'

export const PAGE = 'docs/verifying-tokens.md'
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The blocks of one language, as they read for whoever has the server at `base`. */
function codeOf(base: string, language: string): string[] {
  return stepsOf(pageFor(base, PAGE), { languages: [language] }).map(({ code }) => code)
}

/** Runs a program that reads a token from each line, and compares what it says of each. */
async function assertVerdicts(cases: Case[], command: string[], cwd: string): Promise<void> {
  const [program = '', ...args] = command
  const env = { ...process.env, GO111MODULE: 'off' }
  const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
  const [output, errors]: [string[], string[]] = [[], []]
  child.stdout.on('data', (chunk) => output.push(String(chunk)))
  child.stderr.on('data', (chunk) => errors.push(String(chunk)))
  child.stdin.end(cases.map(({ token }) => `${token}\n`).join(''))

  const [code] = await once(child, 'close')

  assert.equal(code, 0, errors.join(''))
  const verdicts = output.join('').trimEnd().split('\n')
  const seen = cases.map(({ name }, index) => `a token ${name}: ${verdicts[index]}`)
  assert.deepEqual(
    seen,
    cases.map(({ name, expected }) => `a token ${name}: ${expected}`),
  )
}

/** A folder of its own for one language, with these files. */
function folderWith(parent: string, name: string, files: Record<string, string>): string {
  const folder = join(parent, name)
  mkdirSync(folder)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  return folder
}

/** A test's `skip`: says aloud what is missing, unless it must be there. */
function skipUnless(found: unknown, required: string, what: string, how: string): string | false {
  if (found || process.env[required] === '1') return false
  console.error(`NOT TESTED: ${what}; ${how} to run it.`)
  return how
}

/**
 * To compile takes seconds, and minutes of all the runs of a day, so these two wait to be asked
 * for.
 */
function onRequest(required: string, needs: string): string | false {
  return process.env[required] === '1' ? false : `${required}=1 runs it; it needs ${needs}`
}

const NODE = `
import { createInterface } from 'node:readline'
import { verify } from './verify.mjs'
for await (const token of createInterface({ input: process.stdin })) {
  try {
    const { sub, sid, role } = await verify(token)
    console.log('ok', sub, sid, role)
  } catch (error) {
    console.log(error.code === 'ERR_JWT_EXPIRED' ? 'expired' : 'invalid')
    if (!error.code) console.error(error)
  }
}
`

async function checkNode({ base, folder, cases }: Ring): Promise<void> {
  const [verify = ''] = codeOf(base, 'js')
  const cwd = folderWith(folder, 'node', { 'verify.mjs': verify, 'main.mjs': NODE })
  symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'))

  await assertVerdicts(cases, [process.execPath, 'main.mjs'], cwd)
}

async function checkDiscovery({ base, folder, cases }: Ring): Promise<void> {
  const [verify = '', discovery = ''] = codeOf(base, 'js')
  const found = verify.replace(/^const keys = .*\n/m, discovery)
  assert.notEqual(found, verify)
  const cwd = folderWith(folder, 'discovery', { 'verify.mjs': found, 'main.mjs': NODE })
  symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'))

  await assertVerdicts(cases, [process.execPath, 'main.mjs'], cwd)
}

/** Calls the middleware as Express does. */
const EXPRESS = `
import { createInterface } from 'node:readline'
import { signedIn } from './signed-in.mjs'
for await (const token of createInterface({ input: process.stdin })) {
  const headers = { host: 'api.example.com', authorization: 'Bearer ' + token }
  const request = { method: 'GET', protocol: 'https', url: '/orders', headers, is: () => false }
  request.get = (name) => headers[name.toLowerCase()]
  const error = await new Promise((resolve) => signedIn(request, {}, resolve))
  const { sub, sid, role } = request.auth?.payload ?? {}
  if (!error) console.log('ok', sub, sid, role)
  else console.log(/"exp"|'exp'/.test(error.message) ? 'expired' : 'invalid')
}
`

async function checkExpress({ base, folder, cases }: Ring): Promise<void> {
  const [, , strict = ''] = codeOf(base, 'js')
  const lenient = strict.replace(', strict: true', '')
  assert.notEqual(lenient, strict)
  const ok = cases[0]?.expected ?? ''
  // That is what strict is for.
  const isTaken = ({ name }: Case) => /^of typ /.test(name)
  const more = cases.map((one) => (isTaken(one) ? { ...one, expected: ok } : one))

  for (const [name, code, expected] of [
    ['express', strict, cases],
    ['express-lenient', lenient, more],
  ] as const) {
    const cwd = folderWith(folder, name, { 'signed-in.mjs': code, 'main.mjs': EXPRESS })
    symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'))
    await assertVerdicts(expected, [process.execPath, 'main.mjs'], cwd)
  }
}

const PYTHON = `
import sys
import jwt
from verify import verify
for line in sys.stdin:
    try:
        claims = verify(line.strip())
        print('ok', claims['sub'], claims['sid'], claims['role'])
    except jwt.ExpiredSignatureError:
        print('expired')
    except jwt.InvalidTokenError:
        print('invalid')
`

const HAS_MODULES = `
import sys
from importlib.util import find_spec
sys.exit(any(find_spec(name) is None for name in sys.argv[1:]))
`

/** The first Python that has the modules. */
function pythonWith(...modules: string[]): string | undefined {
  const has = (python: string) => spawnSync(python, ['-c', HAS_MODULES, ...modules]).status === 0
  return ['/usr/bin/python3', 'python3'].find(has)
}

const python = pythonWith('jwt', 'cryptography')
const INSTALL_PYJWT = 'install PyJWT (Debian: apt-get install python3-jwt python3-cryptography)'

async function checkPython({ base, folder, cases }: Ring): Promise<void> {
  const [verify = ''] = codeOf(base, 'python')
  const cwd = folderWith(folder, 'python', { 'verify.py': verify, 'main.py': PYTHON })

  await assertVerdicts(cases, [python ?? 'python3', 'main.py'], cwd)
}

const FLASK = `
from flask import Flask
app = Flask(__name__)
def orders_of(user_id):
    return [user_id]
`
const FLASK_CALLS = `
import sys
client = app.test_client()
for line in sys.stdin:
    token = line.strip()
    answer = client.get('/orders', headers={'Authorization': 'Bearer ' + token} if token else {})
    body = answer.get_json() if answer.status_code == 200 else answer.get_json(force=True)
    print(answer.status_code, body.get('items') or [body['code'], body['action']])
`

const flask = python && pythonWith('jwt', 'cryptography', 'flask')
const INSTALL_FLASK = 'install Flask (Debian: apt-get install python3-flask)'

async function checkFlask({ base, folder, cases }: Ring): Promise<void> {
  const [verify = '', decorator = '', route = ''] = codeOf(base, 'python')
  const program = [verify, decorator, FLASK, route, FLASK_CALLS].join('\n')
  const cwd = folderWith(folder, 'flask', { 'app.py': program })
  const user = cases[0]?.expected.split(' ')[1]
  const answers: Record<string, string> = {
    expired: "401 ['token_expired', 'refresh']",
    invalid: "401 ['invalid_token', 'login']",
  }
  const asked = cases.map((one) => ({
    ...one,
    expected: answers[one.expected] ?? `200 ['${user}']`,
  }))

  await assertVerdicts(asked, [flask ?? 'python3', 'app.py'], cwd)
}

const GO = `package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
)

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		claims, err := Verify(lines.Text())
		if err == nil {
			fmt.Println("ok", claims.User, claims.Session, claims.Role)
		} else if errors.Is(err, ErrExpired) {
			fmt.Println("expired")
		} else {
			fmt.Println("invalid")
		}
	}
}
`
async function checkGo({ base, folder, cases }: Ring): Promise<void> {
  const [verify = ''] = codeOf(base, 'go')
  const cwd = folderWith(folder, 'go', { 'verify.go': verify, 'main.go': GO })

  await assertVerdicts(cases, ['go', 'run', 'verify.go', 'main.go'], cwd)
}

const JAVA = `class Main {
    public static void main(String[] args) throws Exception {
        java.util.Scanner lines = new java.util.Scanner(System.in);
        while (lines.hasNextLine()) {
            try {
                JwtClaims claims = AccessTokens.verify(lines.nextLine());
                System.out.println("ok " + claims.getSubject() + " "
                    + claims.getStringClaimValue("sid") + " " + claims.getStringClaimValue("role"));
            } catch (InvalidJwtException error) {
                System.out.println(error.hasExpired() ? "expired" : "invalid");
            }
        }
    }
}
`

/** The newest jar of a library in Maven's own folder, where `mvn dependency:get` puts it. */
function jarOf(path: string, name: string): string | undefined {
  const folder = join(homedir(), '.m2/repository', path)
  const versions = existsSync(folder) ? readdirSync(folder).sort() : []
  const jars = versions.map((version) => join(folder, version, `${name}-${version}.jar`))
  return jars.findLast((jar) => existsSync(jar))
}

const jars = [
  jarOf('org/bitbucket/b_c/jose4j', 'jose4j'),
  jarOf('org/slf4j/slf4j-api', 'slf4j-api'),
]
async function checkJava({ base, folder, cases }: Ring): Promise<void> {
  const [code = ''] = codeOf(base, 'java')
  // The launcher of single files runs the class that comes first.
  const source = code.replace('public final class', `${JAVA}\npublic final class`)
  const cwd = folderWith(folder, 'java', { 'Main.java': source })
  const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', jars.join(':')]

  await assertVerdicts(cases, ['java', ...options, 'Main.java'], cwd)
}

export const languages = [
  { name: 'Node', check: checkNode, skip: false },
  { name: 'Node by the issuer alone', check: checkDiscovery, skip: false },
  { name: 'Express by the issuer alone', check: checkExpress, skip: false },
  {
    name: 'Python',
    check: checkPython,
    skip: skipUnless(python, 'REQUIRE_PYJWT', 'tokens in Python', INSTALL_PYJWT),
  },
  {
    name: 'Flask',
    check: checkFlask,
    skip: skipUnless(flask, 'REQUIRE_FLASK', 'tokens in Flask', INSTALL_FLASK),
  },
  {
    name: 'Go',
    check: checkGo,
    skip: onRequest('REQUIRE_GO', 'Go (Debian: apt-get install golang-go)'),
  },
  {
    name: 'Java',
    check: checkJava,
    skip: onRequest(
      'REQUIRE_JAVA',
      'a JDK and mvn dependency:get -Dartifact=org.bitbucket.b_c:jose4j:0.9.6',
    ),
  },
]
