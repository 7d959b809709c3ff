import { readFileSync } from 'node:fs'
import { attempt, refuse } from './config-readers.ts'
import { type Fault, faultsAmong } from './config-rules.ts'
import { type SettingName, type SettingValues, settings } from './config-settings.ts'

/** The settings of one server: read once, checked together, never changed. */
export type Config = {
  readonly production: boolean
  readonly http: {
    readonly host: string
    /** 0 means any free port. */
    readonly port: number
    /** The own address, without a slash at the end. */
    readonly publicUrl: string
    readonly origin: string
    /** The path of the own address: `/auth`, or nothing. */
    readonly basePath: string
    /** The own origin first, then CORS_ORIGINS; none twice. */
    readonly allowedOrigins: readonly string[]
    readonly trustProxy: readonly string[]
  }
  readonly database: { readonly url: string }
  readonly uploads: { readonly directory: string }
  /** Master secrets, newest first; undefined when none was given, which only development allows. */
  readonly secrets: readonly Buffer[] | undefined
  readonly lifetimes: {
    readonly accessSeconds: number
    readonly refreshSeconds: number
    readonly sessionSeconds: number
    readonly graceSeconds: number
    /** Whether a spent refresh token is forgiven until its successor was seen. */
    readonly forgivesUnseen: boolean
  }
  readonly redisUrl: string | undefined
  readonly rateLimits: boolean
  /** Failures in a row that shut an account for unknown devices. */
  readonly signIn: { readonly failuresMax: number }
  readonly log: { readonly level: SettingValues['LOG_LEVEL'] }
  readonly metrics: boolean
  readonly argon2: {
    readonly memoryKib: number
    readonly time: number
    readonly parallelism: number
  }
  /** How many processes answer requests; with 1 it is the one that was started. */
  readonly workers: number
  /** Threads that Node has for slow work, hashes among it. */
  readonly poolThreads: number
}

/** The environment as a process has it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Answers with the text of a file, or throws as `readFileSync` does. */
export type ReadSecretFile = (path: string) => string

const MAX_SECRET_FILE = 64 * 1024

/** One or more settings are wrong; the message names each one with its cure, and holds no secret. */
export class ConfigError extends Error {
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    const lines = faults.map(({ name, cure }) => `  ${name}: ${cure}`)
    super(['These settings have to change (docs/settings.md explains each):', ...lines].join('\n'))
    this.name = 'ConfigError'
    this.faults = faults
  }
}

/**
 * Reads and checks every setting.
 * @param env the environment; names that are no settings are left alone
 * @param readSecretFile how a file that `SECRET_FILE`, `DATABASE_URL_FILE` or `REDIS_URL_FILE` names is read
 * @throws ConfigError naming every bad setting at once
 */
export function loadConfig(env: Environment, readSecretFile: ReadSecretFile = readText): Config {
  const values: Partial<Record<SettingName, unknown>> = {}
  const faults: Fault[] = []
  const given = new Set<SettingName>()
  for (const name of Object.keys(settings) as SettingName[]) {
    const source = sourceOf(name, env)
    if (source.isGiven) given.add(name)
    const result = attempt(() => readSetting(name, source.text(readSecretFile)))
    if ('value' in result) values[name] = result.value
    else faults.push({ name: source.name, cure: result.fault.message })
  }
  // The readers of the table decide the types; a value is missing only where a fault was noted.
  const read = values as Partial<SettingValues>
  faults.push(...faultsAmong({ values: read, isGiven: (name) => given.has(name) }))
  if (faults.length > 0) throw new ConfigError(faults)
  return freeze(arrange(read as SettingValues))
}

type Source = {
  /** The name that the operator wrote: NAME or NAME_FILE. */
  name: string
  isGiven: boolean
  text: (readSecretFile: ReadSecretFile) => string | undefined
}

function sourceOf(name: SettingName, env: Environment): Source {
  const { isSecret, standard } = settings[name]
  const fileName = `${name}_FILE`
  const path = isSecret ? env[fileName] : undefined
  const isGiven = env[name] !== undefined || path !== undefined
  if (path === undefined) return { name, isGiven, text: () => env[name] ?? standard }
  if (env[name] === undefined) {
    return { name: fileName, isGiven, text: (readFile) => secretFromFile(path, readFile) }
  }
  return {
    name,
    isGiven,
    text: () => refuse(`${name} and ${fileName} are both set; keep one of them`),
  }
}

function secretFromFile(path: string, readSecretFile: ReadSecretFile): string {
  if (path === '') refuse('it is empty; write the path of a file, or take it away')
  const text = contentOf(path, readSecretFile).replace(/\r?\n$/, '')
  if (text === '') refuse(`the file ${path} is empty; write the secret into it`)
  return text
}

function contentOf(path: string, readSecretFile: ReadSecretFile): string {
  try {
    return readSecretFile(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return refuse(`the file ${path} cannot be read (${code}); check the path and its permissions`)
  }
}

function readSetting(name: SettingName, text: string | undefined): unknown {
  const { read, mayBeEmpty } = settings[name]
  if (text === undefined) return undefined
  if (text === '' && !mayBeEmpty)
    refuse('it is empty; write a value, or take it away for the default')
  return read(text)
}

function arrange(values: SettingValues): Config {
  const publicUrl = values.PUBLIC_URL
  const { origin } = new URL(publicUrl)
  return {
    production: values.NODE_ENV === 'production',
    http: {
      host: values.HOST,
      port: values.PORT,
      publicUrl,
      origin,
      basePath: publicUrl.slice(origin.length),
      allowedOrigins: [...new Set([origin, ...values.CORS_ORIGINS])],
      trustProxy: values.TRUST_PROXY,
    },
    database: { url: values.DATABASE_URL },
    uploads: { directory: values.UPLOADS_DIR },
    secrets: values.SECRET,
    lifetimes: {
      accessSeconds: values.ACCESS_TOKEN_TTL,
      refreshSeconds: values.REFRESH_TOKEN_TTL,
      sessionSeconds: values.SESSION_MAX_AGE,
      graceSeconds: values.REFRESH_GRACE,
      forgivesUnseen: values.REFRESH_UNSEEN,
    },
    redisUrl: values.REDIS_URL,
    rateLimits: values.RATE_LIMITS,
    signIn: { failuresMax: values.SIGN_IN_FAILURES_MAX },
    log: { level: values.LOG_LEVEL },
    metrics: values.METRICS,
    argon2: {
      memoryKib: values.ARGON2_MEMORY_KIB,
      time: values.ARGON2_TIME,
      parallelism: values.ARGON2_PARALLELISM,
    },
    workers: values.WORKERS,
    poolThreads: values.UV_THREADPOOL_SIZE,
  }
}

/** Freezes plain objects and lists all the way down; bytes cannot be frozen. */
function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  for (const part of Object.values(value)) freeze(part)
  return Object.freeze(value)
}

function readText(path: string): string {
  const bytes = readFileSync(path)
  if (bytes.length > MAX_SECRET_FILE) throw Object.assign(new Error('too large'), { code: 'EFBIG' })
  return bytes.toString('utf8')
}
