import { distanceOf } from '../platform/nearest.ts'
import { isOfProviders } from './left-overs.ts'
import type { SettingIssue } from './rules.ts'
import { examineSecretFiles, type ModeOf, secretFiles } from './secret-files.ts'
import type { Environment } from './setting.ts'
import { settingList } from './settings.ts'
import { READ_BY_OPENTELEMETRY } from './settings-tracing.ts'

/** Shorter names resemble those of other programs too often. */
const LEAST_LENGTH = 6

/**
 * Warnings that do not stop a start: a secret file that others may read, an unknown name in `.env`,
 * a nearly known one in the environment. @param inFile the names in `.env`
 */
export function settingWarnings(
  env: Environment,
  inFile: readonly string[] = [],
  modeOf?: ModeOf,
): SettingIssue[] {
  const names = Object.keys(env).filter(isUnknown)
  const nearly = names.filter((name) => !inFile.includes(name) && meantBy(name) !== undefined)
  const unknown = [...inFile.filter(isUnknown), ...nearly]
  const readable =
    env.NODE_ENV === 'production' ? examineSecretFiles(secretFiles(env), modeOf).warnings : []
  const late = inFile.includes('UV_THREADPOOL_SIZE') ? [TOO_LATE] : []
  return [...readable, ...unknown.map(noSetting), ...late]
}

const TOO_LATE = {
  name: 'UV_THREADPOOL_SIZE',
  fix: 'Node.js reads it before .env, so it has no effect there; set it in the environment',
}

/** Names of all settings, and of the files that secrets may come from. */
const known: ReadonlySet<string> = new Set([
  ...settingList.flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name])),
  ...READ_BY_OPENTELEMETRY,
])

/** Those of providers are errors, and no warnings. */
function isUnknown(name: string): boolean {
  return !known.has(name) && !isOfProviders(name)
}

function noSetting(name: string): SettingIssue {
  const meant = meantBy(name)
  if (meant === undefined) return { name, fix: 'it is not a setting and has no effect' }
  const isFile = name === `${meant}_FILE`
  return {
    name,
    fix: isFile
      ? `only secrets come from files; write ${meant}`
      : `it is not a setting; write ${meant}`,
  }
}

/** The setting meant by a name with one typo, or by NAME_FILE of a setting that is not a secret. */
function meantBy(name: string): string | undefined {
  const upper = name.toUpperCase()
  return [...known].find(
    (setting) =>
      name === `${setting}_FILE` || (isLong(setting) && distanceOf(upper, setting, 1) <= 1),
  )
}

function isLong({ length }: string): boolean {
  return length >= LEAST_LENGTH
}
