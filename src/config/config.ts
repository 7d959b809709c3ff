import { attempt, refuse } from './readers.ts'
import { issuesAmong, type SettingIssue } from './rules.ts'
import {
  examineSecretFiles,
  type ReadSecretFile,
  readText,
  secretFiles,
  secretFrom,
} from './secret-files.ts'
import { type Environment, readTable, type Setting } from './setting.ts'
import { type Config, settings } from './settings.ts'

export type { Environment } from './setting.ts'
export type { Config } from './settings.ts'

/** Quotes that `docker run --env-file`, systemd or a web form leave around a value. */
const QUOTED = /^(["'`]).*\1$|^[“”„‘’«»]|[“”„‘’«»]$/s

/** One or more settings are invalid; the message names each with its fix, and holds no secret. */
export class ConfigError extends Error {
  readonly issues: readonly SettingIssue[]

  constructor(issues: readonly SettingIssue[]) {
    const lines = issues.map(({ name, fix }) => `  ${name}: ${fix}`)
    super(['Change these settings (docs/settings.md explains each):', ...lines].join('\n'))
    this.name = 'ConfigError'
    this.issues = issues
  }
}

/**
 * Reads and checks every setting.
 * @param env the environment; other names are ignored
 * @param readSecretFile reads the file that `SECRET_FILE` or another `NAME_FILE` names
 * @throws ConfigError with all issues at once
 */
export function loadConfig(env: Environment, readSecretFile: ReadSecretFile = readText): Config {
  const issues: SettingIssue[] = []
  const given = new Set<string>()
  const draft = readTable(settings, (setting) => {
    const source = sourceOf(setting, env)
    if (source.isGiven) given.add(setting.name)
    const result = attempt(() => readSetting(setting, source.text(readSecretFile)))
    if ('value' in result) return result.value
    issues.push({ name: source.name, fix: result.invalid.message })
    return undefined
  })
  issues.push(...issuesAmong({ draft, isGiven: (name) => given.has(name) }))
  if (draft.production) issues.push(...examineSecretFiles(secretFiles(env)).issues)
  if (issues.length > 0) throw new ConfigError(issues)
  return freeze(draft as Config)
}

type Source = {
  /** The name that the operator wrote: NAME or NAME_FILE. */
  name: string
  isGiven: boolean
  text: (readSecretFile: ReadSecretFile) => string | undefined
}

function sourceOf(setting: Setting, env: Environment): Source {
  const { name, isSecret } = setting
  const fileName = `${name}_FILE`
  const path = isSecret ? env[fileName] : undefined
  const isGiven = env[name] !== undefined || path !== undefined
  if (path === undefined) return { name, isGiven, text: () => env[name] ?? defaultOf(setting, env) }
  if (env[name] === undefined) {
    return { name: fileName, isGiven, text: (readFile) => secretFrom(path, readFile) }
  }
  return {
    name,
    isGiven,
    text: () => refuse(`${name} and ${fileName} are both set; keep one of them`),
  }
}

function defaultOf(setting: Setting, { NODE_ENV }: Environment): string | undefined {
  if (typeof setting.default !== 'object') return setting.default
  return setting.default[NODE_ENV === 'production' ? 'production' : 'development']
}

function readSetting({ read, mayBeEmpty }: Setting, text: string | undefined): unknown {
  if (text === undefined) return undefined
  if (QUOTED.test(text)) refuse('it has quotes around it; remove them')
  if (text === '' && !mayBeEmpty)
    refuse('it is empty; write a value, or remove it to use the default')
  return read(text)
}

/** Freezes plain objects and lists deeply; bytes cannot be frozen. */
function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  for (const part of Object.values(value)) freeze(part)
  return Object.freeze(value)
}
