// runs once
// Runs the code of docs/verifying-tokens.md as it stands there, each language against the same tokens.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createMasterSecrets } from '../src/platform/master-secret.ts'
import { encoded, es256, hmac, partsOf } from './forge.ts'
import { startServer, type TestServer } from './helper.ts'
import { signedUp } from './people.ts'
import { pageAt, pageFor, stepsOf } from './walkthrough.ts'

const PAGE = 'docs/verifying-tokens.md'
const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What a verifier says of a token: `ok <sub> <sid> <role>`, `expired` or `invalid`. */
type Case = { name: string; token: string; expected: string }

type Ring = { base: string; folder: string; cases: Case[] }

/** A server, the tokens for it, and a folder to put programs in. */
async function startRing(t: TestContext): Promise<Ring> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-verify-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  // PUBLIC_URL holds the port, so the port has to be there before the server is.
  const door = createServer().listen(0, '127.0.0.1')
  await once(door, 'listening')
  t.after(() => void door.close())
  const base = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
  const masterSecret = randomBytes(48)
  const options = { env: { PUBLIC_URL: base }, masterSecrets: [masterSecret] }
  const server = await startServer(t, options)
  await server.app.ready()
  door.on('connection', (socket) => {
    server.app.server.emit('connection', socket)
    t.after(() => void socket.destroy())
  })
  return { base, folder, cases: await casesFor(server, masterSecret) }
}

type Key = { id: string; pem: string }

/** The private keys of the ring, oldest first: the one that signs, and the one that will sign next. */
async function privateKeys(server: TestServer, masterSecret: Buffer): Promise<[Key, Key]> {
  const secrets = createMasterSecrets([masterSecret])
  const rows = await server.database.client.signingKey.findMany({ orderBy: { sequence: 'asc' } })
  const [now, next] = rows.map(({ id, encryptedKey }) => ({
    id,
    pem: secrets.open(encryptedKey, id),
  }))
  assert.ok(now && next, 'two keys are published')
  return [now, next]
}

async function casesFor(server: TestServer, masterSecret: Buffer): Promise<Case[]> {
  const person = await signedUp(server)
  const [, removed] = await privateKeys(server, masterSecret)
  await server.database.client.signingKey.delete({ where: { id: removed.id } })
  await server.services.keys.refresh()
  const [now, next] = await privateKeys(server, masterSecret)
  const [header, claims] = partsOf(person.access_token)
  const signed = (more: object, key = now, head: object = header) =>
    es256(head, { ...claims, ...more }, key.pem)
  const publicPem = createPublicKey(now.pem).export({ format: 'pem', type: 'spki' }).toString()
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const foreignPem = foreign.export({ format: 'pem', type: 'pkcs8' }).toString()
  const past = Math.floor(Date.now() / 1000) - 60
  const ok = `ok ${person.user.id} ${person.sessionId} user`
  const invalid: Record<string, string | undefined> = {
    'for another audience': signed({ aud: 'https://api.example.com' }),
    'for refreshing': signed({ aud: `${claims.iss}/refresh` }),
    'of another issuer': signed({ iss: 'https://evil.example.com' }),
    'that is a refresh token': person.refresh_token,
    'of typ rt+jwt': signed({}, now, { ...header, typ: 'rt+jwt' }),
    'of typ JWT': signed({}, now, { ...header, typ: 'JWT' }),
    'of alg none': `${encoded({ ...header, alg: 'none' })}.${encoded(claims)}.`,
    'of alg none with the signature': person.access_token.replace(
      /^[^.]+/,
      encoded({ ...header, alg: 'none' }),
    ),
    'of HS256 under the public key': hmac({ ...header, alg: 'HS256' }, claims, publicPem),
    'of HS256 under the served keys': hmac(
      { ...header, alg: 'HS256' },
      claims,
      JSON.stringify(server.services.keys.jwks()),
    ),
    'of a foreign key': es256(header, claims, foreignPem),
    'of a key that was taken out': signed({}, removed, { ...header, kid: removed.id }),
    'with other claims': [header, { ...claims, role: 'admin' }, 'signature']
      .map((part) => (part === 'signature' ? person.access_token.split('.')[2] : encoded(part)))
      .join('.'),
    'without a signature': person.access_token.replace(/[^.]+$/, ''),
    'that is none': 'not-a-token',
    'that is empty': '',
  }
  return [
    { name: 'that is genuine', token: person.access_token, expected: ok },
    {
      name: 'of the next key',
      token: signed({}, next, { ...header, kid: next.id }),
      expected: ok,
    },
    {
      name: 'of a clock that is a minute ahead',
      token: signed({ iat: past + 120, exp: past + 1020 }),
      expected: ok,
    },
    {
      name: 'that is over',
      token: signed({ iat: past - 900, exp: past }),
      expected: 'expired',
    },
    ...Object.entries(invalid).map(([name, token]) => ({
      name,
      token: String(token),
      expected: 'invalid',
    })),
  ]
}

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

/** To compile takes seconds, and minutes of all the runs of a day, so these two wait to be asked for. */
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

const languages = [
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

test('The code of the page takes every genuine token and refuses every other one', async (t) => {
  const ring = await startRing(t)

  for (const { name, check, skip } of languages) {
    await t.test(`The code for ${name} does, token by token`, { skip }, () => check(ring))
  }
})

test('The page names every language that it has code for', () => {
  const blocks = stepsOf(pageAt(PAGE), { languages: ['python', 'js', 'go', 'java', 'sh'] })

  assert.deepEqual(
    blocks.map(({ language }) => language),
    ['sh', 'python', 'python', 'python', 'js', 'js', 'js', 'go', 'java'],
  )
})

/** How a heading is written in a link. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(' ', '-')
    .replace(/[^\w-]/g, '')
}

test('The links of this page and of the one for Flask lead to files and headings', () => {
  for (const page of [PAGE, 'docs/from-flask.md']) {
    const links = pageAt(page).matchAll(/\]\((?!http)([^)#]*)#?([^)]*)\)/g)
    for (const [link, path = '', anchor = ''] of links) {
      const target = path === '' ? pageAt(page) : pageAt(`docs/${path}`)
      const headings = [...target.matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => anchorOf(text))
      assert.ok(anchor === '' || headings.includes(anchor), `${page} has ${link}`)
    }
  }
})
