import { createPublicKey, sign } from 'node:crypto'
import { ORIGIN } from './factories.ts'
import { encoded, es256, type Forge, hmac, less } from './token-forging.ts'

type Forgery = (forge: Forge) => string
type Forgeries = Record<string, Forgery>

const signatureOf = (token: string) => token.split('.')[2] ?? ''
const inputOf = (token: string) => token.split('.').slice(0, 2).join('.')

/** Genuine in all but the named members of the header. */
const headed = (more: object): Forgery => {
  return ({ header, claims, privatePem }) => es256({ ...header, ...more }, claims, privatePem)
}
const without = (member: string): Forgery => {
  return ({ header, claims, privatePem }) => es256(less(header, member), claims, privatePem)
}
/** Genuine in all but the named claims. */
const claiming = (more: object): Forgery => {
  return ({ header, claims, privatePem }) => es256(header, { ...claims, ...more }, privatePem)
}
const silent = (claim: string): Forgery => {
  return ({ header, claims, privatePem }) => es256(header, less(claims, claim), privatePem)
}
/** A genuine signature over a payload without claims. */
const payload = (text: string): Forgery => {
  return ({ header, privatePem }) => es256(header, text, privatePem)
}
/** The claims with one of them written as raw JSON. */
const raw = (name: string, json: string): Forgery => {
  return ({ header, claims, privatePem }) => {
    const text = JSON.stringify({ ...claims, [name]: '@' }).replace('"@"', json)
    return es256(header, text, privatePem)
  }
}
const hs = (key: (forge: Forge) => string | Buffer, alg = 'HS256', hash = 'sha256'): Forgery => {
  return (forge) => hmac({ ...forge.header, alg }, forge.claims, key(forge), hash)
}
const der = ({ publicPem }: Forge) =>
  createPublicKey(publicPem).export({ format: 'der', type: 'spki' })
const jwk = ({ publicPem }: Forge) => createPublicKey(publicPem).export({ format: 'jwk' })
const damaged = (change: (token: string) => string): Forgery => {
  return ({ person }) => change(person.access_token)
}

const algorithms: Forgeries = {}
for (const alg of [
  'none',
  'None',
  'nOnE',
  'NONE',
  '',
  null,
  undefined,
  'es256',
  'ES384',
  'ES512',
]) {
  const member = { alg }
  algorithms[`alg ${alg} without a signature`] = ({ header, claims }) =>
    `${encoded({ ...header, ...member })}.${encoded(claims)}.`
  algorithms[`alg ${alg} with the genuine signature`] = ({ header, person }) =>
    `${encoded({ ...header, ...member })}.${person.access_token.split('.').slice(1).join('.')}`
  algorithms[`alg ${alg} signed as ES256`] = headed(member)
}
for (const alg of ['RS256', 'PS256', 'EdDSA', 'HS256', ['ES256'], { x: 1 }, 7]) {
  algorithms[`alg ${JSON.stringify(alg)} signed as ES256`] = headed({ alg })
}

const confusions: Forgeries = {
  'HS256 under the public PEM': hs((forge) => forge.publicPem),
  'HS256 under the public PEM, trimmed': hs((forge) => forge.publicPem.trim()),
  'HS256 under the public PEM in one line': hs((forge) => forge.publicPem.replaceAll('\n', '')),
  'HS256 under the public PEM behind a space': hs((forge) => ` ${forge.publicPem}`),
  'HS256 under the public PEM behind a mark': hs((forge) => `\ufeff${forge.publicPem}`),
  'HS256 under the public DER': hs(der),
  'HS256 under the public DER in base64': hs((forge) => der(forge).toString('base64')),
  'HS256 under the public JWK': hs((forge) => JSON.stringify(jwk(forge))),
  'HS256 under the JWKS as served': hs(({ server }) => JSON.stringify(server.services.keys.jwks())),
  'HS256 under the x coordinate': hs((forge) => Buffer.from(String(jwk(forge).x), 'base64url')),
  'HS256 under the empty key': hs(() => ''),
  'HS256 under a space': hs(() => ' '),
  'HS256 under a zero byte': hs(() => '\0'),
  'HS256 under the key id': hs((forge) => forge.kid),
  'HS256 under the master secret': hs((forge) => forge.masterSecret),
  'HS256 under the key of refresh tokens': hs((forge) => forge.refreshKey.key),
  'HS384 under the public PEM': hs((forge) => forge.publicPem, 'HS384', 'sha384'),
  'HS512 under the public PEM': hs((forge) => forge.publicPem, 'HS512', 'sha512'),
  'a foreign key under the own id': (f) => es256(f.header, f.claims, f.foreign.privatePem),
  'a foreign key that brings its JWK': ({ header, claims, foreign }) =>
    es256({ ...header, jwk: foreign.jwk }, claims, foreign.privatePem),
  'a foreign key that brings its address': ({ header, claims, foreign }) =>
    es256({ ...header, jku: 'http://127.0.0.1:9/jwks' }, claims, foreign.privatePem),
}

const headers: Forgeries = {
  'an own JWK in the header': (forge) => headed({ jwk: jwk(forge) })(forge),
  jku: headed({ jku: `${ORIGIN}/.well-known/jwks.json` }),
  x5u: headed({ x5u: 'http://169.254.169.254/' }),
  x5c: headed({ x5c: ['MIIB'] }),
  'an unknown crit': headed({ crit: ['x'], x: 1 }),
  'a crit of b64': headed({ crit: ['b64'], b64: false }),
  'an empty crit': headed({ crit: [] }),
  'a crit with duplicates': headed({ crit: ['exp', 'exp'] }),
  'a crit with a standard name': headed({ crit: ['alg'] }),
  zip: headed({ zip: 'DEF' }),
  'typ JWT': headed({ typ: 'JWT' }),
  'typ of a refresh token': headed({ typ: 'rt+jwt' }),
  'typ of an id token': headed({ typ: 'id+jwt' }),
  'typ null': headed({ typ: null }),
  'typ a number': headed({ typ: 1 }),
  'no typ': without('typ'),
  'no kid': without('kid'),
  'no alg': without('alg'),
}
for (const kid of [
  ...['', 'unknown', '../../dev/null', "' OR 1=1 --", '%', '__proto__', 'constructor'],
  ...['toString', 'x'.repeat(10_000), null, 0, true, [], {}],
]) {
  headers[`kid ${JSON.stringify(kid).slice(0, 24)}`] = headed({ kid })
  headers[`kid ${JSON.stringify(kid).slice(0, 24)} under the empty key`] = ({ header, claims }) =>
    hmac({ ...header, alg: 'HS256', kid }, claims, '')
}
headers['kid in a list'] = (forge) => headed({ kid: [forge.kid] })(forge)
headers['kid in upper case'] = (forge) => headed({ kid: forge.kid.toUpperCase() })(forge)

const claims: Forgeries = {
  'iss of another server': claiming({ iss: 'https://evil.example' }),
  'iss with a trailing slash': claiming({ iss: `${ORIGIN}/` }),
  'iss in a list': claiming({ iss: [ORIGIN, 'https://evil.example'] }),
  'aud of another service': claiming({ aud: 'https://api.example' }),
  'aud of refresh tokens': claiming({ aud: `${ORIGIN}/refresh` }),
  'aud empty': claiming({ aud: '' }),
  'aud in a list': claiming({ aud: [ORIGIN] }),
  'aud an empty list': claiming({ aud: [] }),
  'a nbf in the future': claiming({ nbf: 9_999_999_999 }),
  'a nbf of text': claiming({ nbf: 'soon' }),
  'a iat of tomorrow': ({ claims, ...forge }) =>
    claiming({ iat: Number(claims.iat) + 86_400 })({ claims, ...forge }),
  'a iat 11 seconds ahead': ({ claims, ...forge }) =>
    claiming({ iat: Number(claims.iat) + 11 })({ claims, ...forge }),
  'exp beyond every number': raw('exp', '1e400'),
  'exp below every number': raw('exp', '-1e400'),
  'iat beyond every number': raw('iat', '-1e400'),
  'exp of 20 digits': raw('exp', '99999999999999999999'),
  'a list of claims': payload('[{}]'),
  'a list of the claims': ({ claims, ...forge }) =>
    payload(JSON.stringify([claims]))({ claims, ...forge }),
  'a text in place of claims': payload('"admin"'),
  'a null in place of claims': payload('null'),
  'a number in place of claims': payload('1'),
  'no claims at all': payload('{}'),
  'an empty payload': payload(''),
  'a payload that is no JSON': payload('{"sub":'),
}
const wrong: Record<string, unknown[]> = {
  iss: [null, 7, {}],
  aud: [null, 7, {}],
  sub: [null, 7, {}, ['x'], '', 'admin'],
  sid: [null, 7, {}, '', 'x'],
  jti: [null, 7, {}],
  role: [null, 7, ['admin'], { role: 'admin' }],
  amr: [null, 'pwd', {}, [7]],
  auth_time: [null, 'now', -1, 0.5],
  iat: [null, 'now', -1, 0.5, {}],
  exp: [null, 'never', '9999999999', -1, 0.5, {}, [9_999_999_999], true],
}
for (const [name, values] of Object.entries(wrong)) {
  claims[`no ${name}`] = silent(name)
  for (const value of values) {
    claims[`${name} ${JSON.stringify(value)}`] = claiming({ [name]: value })
  }
}

const damages: Forgeries = {
  'a refresh token': ({ person }) => String(person.refresh_token),
  'a signature cut short': damaged((token) => token.slice(0, -2)),
  'no signature': damaged((token) => `${inputOf(token)}.`),
  'two parts': damaged(inputOf),
  'four parts': damaged((token) => `${token}.x`),
  'five parts': damaged((token) => `${token}.x.y`),
  'parts that are empty': damaged(() => '..'),
  'parts in another order': damaged((token) => token.split('.').reverse().join('.')),
  'a signature of zeros': damaged((token) => `${inputOf(token)}.${'A'.repeat(86)}`),
  'a signature of ones': damaged((token) => `${inputOf(token)}.${'_'.repeat(85)}w`),
  'a signature in DER': ({ person, privatePem }) => {
    const input = inputOf(person.access_token)
    return `${input}.${sign('sha256', Buffer.from(input), privatePem).toString('base64url')}`
  },
  'a padded signature': damaged((token) => `${token}==`),
  'a padded header': damaged((token) => token.replace('.', '=.')),
  'a line break inside': damaged((token) => token.replace('.', '.\n')),
  'a space inside': damaged((token) => token.replace('.', '. ')),
  'the plain base64 alphabet': damaged((token) => `${inputOf(token)}.${'+/'.repeat(43)}`),
  'a character of another script': damaged((token) => token.replace('e', 'е')),
  'a token in quotes': damaged((token) => `"${token}"`),
  'two tokens': damaged((token) => `${token}, ${token}`),
  'a second word': damaged((token) => `${token} x`),
  'a tab before it': damaged((token) => `\t${token}`),
  'a space after it': damaged((token) => `${token} `),
  'a tab after it': damaged((token) => `${token}\t`),
  nothing: () => '',
  'the word null': () => 'null',
  'the word undefined': () => 'undefined',
  '16 kB': () => `${'a'.repeat(8000)}.${'b'.repeat(8000)}.c`,
}
for (const position of [0, 10, 40, 80]) {
  damages[`a flipped bit of the claims at ${position}`] = ({ header, claims, person }) => {
    const bytes = Buffer.from(JSON.stringify(claims))
    bytes[position] = (bytes[position] ?? 0) ^ 1
    const flipped = bytes.toString('base64url')
    return `${encoded(header)}.${flipped}.${signatureOf(person.access_token)}`
  }
}

/** Forged, damaged and foreign access tokens, each by what is wrong with it. */
export const accessForgeries = { algorithms, confusions, headers, claims, damages }
