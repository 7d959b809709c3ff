import { attempt, refuse } from './readers.ts'
import type { SettingIssue } from './rules.ts'
import { type ReadSecretFile, secretFrom } from './secret-files.ts'
import type { Environment, Setting } from './setting.ts'

/** Quotes that `docker run --env-file`, systemd or a web form leave around a value. */
const QUOTED = /^(["'`]).*\1$|^[“”„‘’«»]|[“”„‘’«»]$/s

/** What was read of an environment so far. */
export type Reading = {
  /** The value of a setting; undefined where it is missing or cannot be read. */
  readonly read: (setting: Setting) => unknown
  /** Whether a setting that was read was given at all, here or in a file. */
  readonly isGiven: (name: string) => boolean
  /** Of those that could not be read. */
  readonly issues: readonly SettingIssue[]
}

/** Reads single settings and collects what is wrong with them. */
export function readingOf(env: Environment, readSecretFile: ReadSecretFile): Reading {
  const issues: SettingIssue[] = []
  const given = new Set<string>()
  return {
    issues,
    isGiven: (name) => given.has(name),
    read: (setting) => {
      const source = sourceOf(setting, env)
      if (source.isGiven) given.add(setting.name)
      const result = attempt(() => readSetting(setting, source.text(readSecretFile)))
      if ('value' in result) return result.value
      issues.push({ name: source.name, fix: result.invalid.message })
      return undefined
    },
  }
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
