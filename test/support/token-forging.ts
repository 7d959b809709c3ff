import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { TestContext } from 'node:test'
import { createMasterSecrets } from '../../src/platform/crypto/master-secret.ts'
import { type Person, signedUp } from './factories.ts'
import { startServer, type TestServer } from './helper.ts'

type Json = Record<string, unknown>

/** All that a forger could want: a genuine token taken apart, and the server's own keys. */
export type Forge = {
  server: TestServer
  person: Person
  kid: string
  header: Json
  claims: Json
  privatePem: string
  publicPem: string
  /** Keys of an attacker. */
  foreign: { privatePem: string; jwk: Json }
  /** Key and id of the refresh tokens. */
  refreshKey: { id: string; key: Buffer }
  refreshHeader: Json
  refreshClaims: Json
  masterSecret: Buffer
}

/** A server with somebody signed in, and its secrets laid open. */
export async function startForge(t: TestContext): Promise<Forge> {
  const masterSecret = randomBytes(48)
  const server = await startServer(t, { masterSecrets: [masterSecret] })
  const person = await signedUp(server)
  const [header, claims] = partsOf(person.access_token)
  const [refreshHeader, refreshClaims] = partsOf(person.refresh_token)
  const secrets = createMasterSecrets([masterSecret])
  const kid = String(header.kid)
  const row = await server.database.client.signingKey.findUniqueOrThrow({ where: { id: kid } })
  const privatePem = secrets.open(row.encryptedKey, row.id)
  const publicPem = pemOf(privatePem)
  const [refreshKey] = secrets.deriveKeys('latchkey refresh tokens')
  if (!refreshKey) throw new Error('no key for refresh tokens')
  const opened = { server, person, kid, header, claims, privatePem, publicPem, masterSecret }
  return { ...opened, foreign: foreignKeys(), refreshKey, refreshHeader, refreshClaims }
}

function pemOf(privatePem: string): string {
  return createPublicKey(privatePem).export({ format: 'pem', type: 'spki' }).toString()
}

function foreignKeys() {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const privatePem = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  return { privatePem, jwk: pair.publicKey.export({ format: 'jwk' }) as Json }
}

/** Header and claims of a token, unverified. */
export function partsOf(token: string | undefined): [Json, Json] {
  const [header = '', claims = ''] = String(token).split('.')
  return [header, claims].map((part) => JSON.parse(Buffer.from(part, 'base64url').toString())) as [
    Json,
    Json,
  ]
}

/** Base64url of a value as JSON, or of a text as it stands. */
export function encoded(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString(
    'base64url',
  )
}

/** A JWS with an ECDSA signature; header and payload may be any JSON, or raw text. */
export function es256(header: unknown, payload: unknown, privatePem: string): string {
  const input = `${encoded(header)}.${encoded(payload)}`
  const signature = sign('sha256', Buffer.from(input), {
    key: privatePem,
    dsaEncoding: 'ieee-p1363',
  })
  return `${input}.${signature.toString('base64url')}`
}

/** A JWS with an HMAC under any key. */
export function hmac(
  header: unknown,
  payload: unknown,
  key: string | Buffer,
  hash = 'sha256',
): string {
  const input = `${encoded(header)}.${encoded(payload)}`
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`
}

/** The claims without some, or with others. */
export function less(claims: Json, ...names: string[]): Json {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)))
}
