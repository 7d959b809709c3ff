import type { Provider } from './provider.ts'
import { readProviders } from './providers.ts'
import { readingOf } from './reading.ts'
import { defaultReturnUrls } from './return-urls.ts'
import { issuesAmong, type SettingIssue } from './rules.ts'
import { examineSecretFiles, type ReadSecretFile, readText, secretFiles } from './secret-files.ts'
import { type Environment, readTable, type ValuesOf } from './setting.ts'
import { settings } from './settings.ts'

export type { Environment } from './setting.ts'

/** Settings of one server: read once, checked together, never changed. */
export type Config = Omit<ValuesOf<typeof settings>, 'providers' | 'returnUrls'> & {
  readonly providers: readonly Provider[]
  /** Where a sign-in with a provider may lead back to. */
  readonly returnUrls: readonly string[]
}

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
 * @param env the environment; other names are ignored, except those that begin with `OIDC_`
 * @param readSecretFile reads the file that `SECRET_FILE` or another `NAME_FILE` names
 * @throws ConfigError with all issues at once
 */
export function loadConfig(env: Environment, readSecretFile: ReadSecretFile = readText): Config {
  const reading = readingOf(env, readSecretFile)
  const draft = readTable(settings, reading.read)
  const outside = readProviders(env, draft, reading)
  const issues = [...reading.issues, ...issuesAmong({ draft, isGiven: reading.isGiven })]
  issues.push(...outside.issues)
  if (draft.production) issues.push(...examineSecretFiles(secretFiles(env)).issues)
  if (issues.length > 0) throw new ConfigError(issues)
  const values = draft as ValuesOf<typeof settings>
  const returnUrls = values.returnUrls ?? defaultReturnUrls(values)
  return freeze({ ...values, providers: outside.providers, returnUrls })
}

/** Freezes plain objects and lists deeply; bytes cannot be frozen. */
function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  for (const part of Object.values(value)) freeze(part)
  return Object.freeze(value)
}
