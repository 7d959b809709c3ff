import { type Browsers, createBrowsers } from '../config/browsers.ts'
import { ConfigError, type Environment, loadConfig } from '../config/config.ts'
import type { SettingIssue } from '../config/rules.ts'
import { settingWarnings } from '../config/warnings.ts'
import { type Aim, aimFor, isThisMachine, isWeb, mendedOrigins } from './advice.ts'
import { ownDomain, siteOf } from './sites.ts'

/** Verdict of one rule, and lines below it, such as the fix. */
export type Finding = {
  readonly rule: string
  readonly verdict: 'ok' | 'no' | 'note'
  readonly text: string
  readonly lines: readonly string[]
}

type Case = {
  mode: 'production' | 'development'
  issues: readonly SettingIssue[]
  warnings: readonly SettingIssue[]
  origin: string
  frontend: URL
  /** In SECRET; 0 where the settings are wrong. */
  secretCount: number
  /** Undefined without a valid address in the settings. */
  server: URL | undefined
  /** `/auth`, or empty. */
  basePath: string
  hasPublicUrl: boolean
  port: number
  browsers: Browsers
  /** CORS_ORIGINS, corrected. */
  listed: readonly string[]
  aim: Aim | undefined
}

type Answer = Omit<Finding, 'rule'>
type Rule = (about: Case) => Answer | undefined

/** Used where PORT is 0, which means any free port. */
const ANY_PORT = 3000
const NO_FRONTEND = 'http://localhost'
const BY_BODY = 'or: send "transport": "body"; a script then keeps the refresh token'

/** In order: the first that fails often explains the others. */
const rules: Record<string, Rule> = { settings, secrets, address, scheme, site, cors, calls }

/**
 * Checks a frontend against the rules of cookie transport.
 * @param origin one exact origin; undefined for the server alone @param inFile the names in `.env`
 */
export function examine(
  origin: string | undefined,
  env: Environment,
  inFile: readonly string[],
): Finding[] {
  const about = caseOf(origin ?? NO_FRONTEND, env, inFile)
  const chosen = origin === undefined ? { settings, secrets } : rules
  return Object.entries(chosen).flatMap(([rule, answerOf]) => {
    const answer = answerOf(about)
    return answer ? [{ rule, ...answer }] : []
  })
}

function caseOf(origin: string, env: Environment, inFile: readonly string[]): Case {
  const production = env.NODE_ENV === 'production'
  const own = readable(env)
  const config = loadConfig(own)
  const { publicUrl, port } = config.http
  const isLost = own.PUBLIC_URL === undefined && (production || env.PUBLIC_URL !== undefined)
  const server = isLost ? undefined : new URL(publicUrl.href)
  const frontend = new URL(origin)
  return {
    mode: production ? 'production' : 'development',
    issues: issuesOf(env),
    warnings: settingWarnings(env, inFile),
    origin,
    frontend,
    secretCount: issuesOf(env).length > 0 ? 0 : (loadConfig(env).secrets?.length ?? 1),
    server,
    basePath: publicUrl.path,
    hasPublicUrl: env.PUBLIC_URL !== undefined,
    port: port || ANY_PORT,
    browsers: createBrowsers({ ...config, production }),
    listed: mendedOrigins(env.CORS_ORIGINS ?? '', production),
    aim: aimFor(frontend, server, port || ANY_PORT),
  }
}

/** The relevant valid settings, so that an invalid one hides no other. */
function readable(env: Environment): Environment {
  const own = ['PORT', 'PUBLIC_URL', 'CORS_ORIGINS'].map((name) => ({ [name]: env[name] }))
  return Object.assign({}, ...own.filter((one) => issuesOf(one).length === 0))
}

function issuesOf(env: Environment): readonly SettingIssue[] {
  try {
    loadConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.issues
    throw error
  }
}

function settings({ issues, warnings, mode }: Case): Answer {
  const hints = warnings.map(({ name, fix }) => `hint: ${name}: ${fix}`)
  if (issues.length === 0) return ok(`The server starts with them in ${mode}.`, hints)
  const lines = issues.map(({ name, fix }) => `change: ${name}: ${fix}`)
  return no(`The server does not start with them in ${mode}.`, [...lines, ...hints])
}

/** When an older secret may go. What is stored is not looked at: that takes the database. */
function secrets({ secretCount }: Case): Answer | undefined {
  if (secretCount < 2) return undefined
  return note(`SECRET lists ${secretCount} secrets. Before an older one goes:`, [
    'run: npm run cli -- keys reseal, which seals the seeds of all apps with the first one',
    'wait: REFRESH_TOKEN_TTL from the last start with the older one in front',
  ])
}

function address(about: Case): Answer {
  const { server, browsers } = about
  if (!server) return no('PUBLIC_URL is not an address that browsers can call.', moves(about))
  const { origin, protocol } = server
  if (protocol === 'https:') return ok(`${origin} is https: browsers accept its cookies.`)
  if (!isThisMachine(server)) {
    return no(`Browsers drop Secure cookies of plain http, as ${origin} is.`, moves(about))
  }
  if (!browsers.cookies.attributes.secure) {
    return ok(
      `${origin} is this machine: outside production its cookies do not need https.`,
      portBeside(about, server),
    )
  }
  return note(
    `Chromium and Firefox accept Secure cookies from ${origin}; Safari needs https there too.`,
    portBeside(about, server),
  )
}

/** The default PUBLIC_URL names the default port. */
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
    `The frontend is ${nameOf(frontend)}, the server ${nameOf(server)}: two sites to Chromium, which then does not send the cookie.`,
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
    `${one} and ${other} are two sites, and the cookie is SameSite=Strict: browsers do not send it.`,
    [...moves(about), ...there, BY_BODY],
  )
}

function cors(about: Case): Answer {
  const { issues, origin, server, browsers, listed } = about
  if (issues.some(({ name }) => name === 'CORS_ORIGINS')) {
    return no('The server does not start with this CORS_ORIGINS.', listing(about))
  }
  if (origin === server?.origin) return ok('The origin of the server needs no CORS.')
  if (browsers.isAllowed(origin)) return ok(`The server allows ${origin}.`)
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

/** CORS_ORIGINS with the frontend's new origin; unchanged if it shares that of the server. */
function listing(about: Case): string[] {
  const { origin, aim, listed, issues, browsers } = about
  const wanted = aim?.origin ?? origin
  const isOne = wanted === aim?.publicUrl
  const isListed = isOne || listed.includes(wanted) || browsers.isAllowed(wanted)
  const list = isListed ? listed : [...listed, wanted]
  const isSame = list === listed && !issues.some(({ name }) => name === 'CORS_ORIGINS')
  return isSame ? moves(about) : [`change: CORS_ORIGINS=${list.join(',')}`]
}

/** What has to change so that both are on one site and one scheme. */
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
    lines.push("with: a proxy at that address, which forwards Latchkey's paths to it")
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
