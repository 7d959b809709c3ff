import { ConfigError, type Environment, loadConfig, type ReadSecretFile } from './config.ts'
import { type Browsers, createBrowsers } from './config-browsers.ts'
import { type Aim, aimFor, isThisMachine, isWeb, mendedOrigins } from './config-doctor-advice.ts'
import type { Fault } from './config-rules.ts'
import { ownDomain, siteOf } from './platform/sites.ts'

/** What one rule says, and the lines that belong below it, such as the change that mends it. */
export type Finding = {
  readonly rule: string
  readonly verdict: 'ok' | 'no' | 'note'
  readonly text: string
  readonly lines: readonly string[]
}

type Case = {
  mode: 'production' | 'development'
  faults: readonly Fault[]
  origin: string
  frontend: URL
  /** Undefined where the settings name no address, or none that can be read. */
  server: URL | undefined
  /** The path of the server's address: `/auth`, or nothing. */
  basePath: string
  hasPublicUrl: boolean
  /** Where the server listens. */
  port: number
  browsers: Browsers
  /** CORS_ORIGINS, with what is wrong in it mended. */
  listed: readonly string[]
  aim: Aim | undefined
}

type Answer = Omit<Finding, 'rule'>
/** Undefined where there is nothing to look at. */
type Rule = (about: Case) => Answer | undefined

/** Stands for the free port that a server on port 0 takes. */
const ANY_PORT = 3000
const BY_BODY = 'or: send "transport": "body"; a script then keeps the refresh token'

/** In the order in which they are read; the first that fails is often the reason for the others. */
const rules: Record<string, Rule> = { settings, address, scheme, site, cors, calls }

/**
 * Holds a frontend against the rules of cookie transport, with the settings as the server reads them.
 * @param origin one exact origin
 */
export function examine(origin: string, env: Environment, readFile?: ReadSecretFile): Finding[] {
  const about = caseOf(origin, env, readFile)
  return Object.entries(rules).flatMap(([rule, answerOf]) => {
    const answer = answerOf(about)
    return answer ? [{ rule, ...answer }] : []
  })
}

function caseOf(origin: string, env: Environment, readFile?: ReadSecretFile): Case {
  const production = env.NODE_ENV === 'production'
  const own = readable(env)
  const { http } = loadConfig(own)
  const { publicUrl, basePath, port } = http
  const isLost = own.PUBLIC_URL === undefined && (production || env.PUBLIC_URL !== undefined)
  const server = isLost ? undefined : new URL(publicUrl)
  const frontend = new URL(origin)
  return {
    mode: production ? 'production' : 'development',
    faults: faultsOf(env, readFile),
    origin,
    frontend,
    server,
    basePath,
    hasPublicUrl: env.PUBLIC_URL !== undefined,
    port: port || ANY_PORT,
    browsers: createBrowsers({ production, http }),
    listed: mendedOrigins(env.CORS_ORIGINS ?? '', production),
    aim: aimFor(frontend, server, port || ANY_PORT),
  }
}

/** The settings that this is about and that can be read: one that is wrong hides no other. */
function readable(env: Environment): Environment {
  const own = ['PORT', 'PUBLIC_URL', 'CORS_ORIGINS'].map((name) => ({ [name]: env[name] }))
  return Object.assign({}, ...own.filter((one) => faultsOf(one).length === 0))
}

function faultsOf(env: Environment, readFile?: ReadSecretFile): readonly Fault[] {
  try {
    loadConfig(env, readFile)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

function settings({ faults, mode }: Case): Answer {
  if (faults.length === 0) return ok(`The server starts with them in ${mode}.`)
  const lines = faults.map(({ name, cure }) => `change: ${name}: ${cure}`)
  return no(`The server does not start with them in ${mode}.`, lines)
}

function address(about: Case): Answer {
  const { server, browsers } = about
  if (!server) return no('PUBLIC_URL names no address that browsers can call.', moves(about))
  const { origin, protocol } = server
  if (protocol === 'https:') return ok(`${origin} is https: browsers take its cookies.`)
  if (!isThisMachine(server)) {
    return no(`Browsers drop Secure cookies of plain http, as ${origin} is.`, moves(about))
  }
  if (!browsers.cookies.attributes.secure) {
    return ok(
      `${origin} is this machine: outside production its cookies need no https.`,
      portBeside(about, server),
    )
  }
  return note(
    `Chromium and Firefox take Secure cookies from ${origin}; Safari wants https there too.`,
    portBeside(about, server),
  )
}

/** The standard PUBLIC_URL names the standard port. */
function portBeside({ port, hasPublicUrl }: Case, server: URL): string[] {
  if (hasPublicUrl || String(port) === server.port) return []
  return [
    `PORT is ${port}, and PUBLIC_URL is not set:`,
    `change: PUBLIC_URL=http://localhost:${port}`,
  ]
}

function scheme(about: Case): Answer | undefined {
  const { frontend, server } = about
  if (!isWeb(frontend)) {
    return no(`A page of ${frontend.protocol} is on another site than any server.`, [BY_BODY])
  }
  if (!server) return undefined
  if (frontend.protocol === server.protocol) return ok(`Both are ${nameOf(server)}.`)
  return no(
    `The frontend is ${nameOf(frontend)}, the server ${nameOf(server)}: two sites to Chromium, which then keeps the cookie back.`,
    moves(about),
  )
}

function nameOf({ protocol }: URL): string {
  return protocol.slice(0, -1)
}

function site(about: Case): Answer | undefined {
  const { frontend, server } = about
  if (!server || !isWeb(frontend)) return undefined
  const [one, other] = [siteOf(frontend.hostname), siteOf(server.hostname)]
  if (one === other) return ok(`Both are on the site ${one}.`)
  const isShared = ownDomain(server.hostname) !== undefined
  const there = isShared ? [`or: serve the frontend on ${other} or a host below it`] : []
  return no(
    `${one} and ${other} are two sites, and the cookie is SameSite=Strict: browsers keep it back.`,
    [...moves(about), ...there, BY_BODY],
  )
}

function cors(about: Case): Answer {
  const { faults, origin, server, browsers, listed } = about
  if (faults.some(({ name }) => name === 'CORS_ORIGINS')) {
    return no('The server does not start with CORS_ORIGINS as it is.', listing(about))
  }
  if (origin === server?.origin) return ok('The own origin needs no CORS.')
  if (browsers.isAllowed(origin)) return ok(`The server lets ${origin} in.`)
  const miss = listed.map((entry) => nearMiss(new URL(entry), about.frontend)).find(Boolean)
  const text = miss ? `it has ${miss}` : listed.length > 0 ? 'it has others' : 'it is empty'
  return no(`CORS_ORIGINS has no ${origin}; ${text}.`, listing(about))
}

function nearMiss(entry: URL, frontend: URL): string | undefined {
  const [one, other] = [entry, frontend].map(({ host }) => host.replace(/^www\./, ''))
  if (entry.host === frontend.host) return `${entry.origin}, which is another scheme`
  if (one === other) return `${entry.origin}: www. makes another origin`
  if (entry.hostname === frontend.hostname) return `${entry.origin}, which is another port`
  if (isThisMachine(entry) && isThisMachine(frontend))
    return `${entry.origin}, which is another name`
  if (frontend.hostname.endsWith(`.${entry.hostname}`))
    return `${entry.origin} without its subdomains`
  return undefined
}

/** The list that lets the frontend in where it will be; unchanged where server and frontend become one. */
function listing(about: Case): string[] {
  const { origin, aim, listed, faults, browsers } = about
  const wanted = aim?.origin ?? origin
  const isOne = wanted === aim?.publicUrl
  const isListed = isOne || listed.includes(wanted) || browsers.isAllowed(wanted)
  const list = isListed ? listed : [...listed, wanted]
  const isSame = list === listed && !faults.some(({ name }) => name === 'CORS_ORIGINS')
  return isSame ? moves(about) : [`change: CORS_ORIGINS=${list.join(',')}`]
}

/** What has to move so that both are on one site and one scheme. */
function moves({ aim, server, basePath, origin, port }: Case): string[] {
  if (!aim) return [BY_BODY]
  const lines = []
  if (aim.publicUrl !== server?.origin) {
    const target = new URL(aim.publicUrl)
    lines.push(`change: PUBLIC_URL=${aim.publicUrl}${basePath}`)
    const isHere = target.protocol === 'http:' && isThisMachine(target)
    if (isHere && target.port !== String(port)) lines.push(`change: PORT=${target.port}`)
  }
  if (aim.origin !== origin) lines.push(`change: serve the frontend at ${aim.origin}`)
  if (aim.publicUrl === aim.origin) {
    lines.push("with: a proxy at that address, which passes Latchkey's own paths on to it")
  }
  return lines
}

function calls({ aim, basePath }: Case): Answer | undefined {
  if (!aim) return undefined
  if (aim.origin === aim.publicUrl) return ok('Same origin: fetch sends the cookie by itself.')
  return note("From another origin every call needs credentials: 'include', as in", [
    `await fetch('${aim.publicUrl}${basePath}/login', { method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password, transport: 'cookie' }) })`,
  ])
}

function ok(text: string, lines: readonly string[] = []): Answer {
  return { verdict: 'ok', text, lines }
}

function no(text: string, lines: readonly string[]): Answer {
  return { verdict: 'no', text, lines }
}

function note(text: string, lines: readonly string[] = []): Answer {
  return { verdict: 'note', text, lines }
}
