import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createMasterSecrets } from '../../src/platform/crypto/master-secret.ts'
import { signedUp } from './factories.ts'
import { startServer, type TestServer } from './helper.ts'
import { encoded, es256, hmac, partsOf } from './token-forging.ts'

/** What a verifier says of a token: `ok <sub> <sid> <role>`, `expired` or `invalid`. */
export type Case = { name: string; token: string; expected: string }

export type Ring = { base: string; folder: string; cases: Case[] }

/** A server, the tokens for it, and a folder to put programs in. */
export async function startRing(t: TestContext): Promise<Ring> {
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

/**
 * The private keys of the ring, oldest first: the one that signs, and the one that will sign next.
 */
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
