import { readFileSync, statSync } from 'node:fs'
import { refuse } from './readers.ts'
import type { SettingIssue } from './rules.ts'
import type { Environment } from './setting.ts'
import { settingList } from './settings.ts'
import { providerSettingsIn } from './settings-providers.ts'

/** @throws as `readFileSync` does */
export type ReadSecretFile = (path: string) => string

/** Permission bits of a file; undefined without a file or such bits. */
export type ModeOf = (path: string) => number | undefined

const MAX_BYTES = 64 * 1024
const OTHERS_WRITE = 0o022
const OTHERS_READ = 0o044

/** Paths of secret files, by the names that the operator wrote. */
export function secretFiles(env: Environment): Map<string, string> {
  const all = [...settingList, ...providerSettingsIn(env)]
  const secrets = all.filter(({ isSecret }) => isSecret)
  const files = secrets.map(({ name }) => [`${name}_FILE`, env[`${name}_FILE`] ?? ''] as const)
  return new Map(files.filter(([, path]) => path !== ''))
}

/** The secret in a file, without the line end. */
export function secretFrom(path: string, readSecretFile: ReadSecretFile): string {
  if (path === '') refuse('it is empty; write the path of a file, or remove it')
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

export function readText(path: string): string {
  const bytes = readFileSync(path)
  if (bytes.length > MAX_BYTES) throw Object.assign(new Error('too large'), { code: 'EFBIG' })
  return bytes.toString('utf8')
}

/** `issues` stop production, `warnings` do not. */
export type FileFindings = { issues: SettingIssue[]; warnings: SettingIssue[] }

/** Checks whether the group or others may read or write the files of secrets. */
export function examineSecretFiles(
  paths: ReadonlyMap<string, string>,
  modeOf: ModeOf = modeOfFile,
): FileFindings {
  const found: FileFindings = { issues: [], warnings: [] }
  for (const [name, path] of paths) {
    const mode = modeOf(path) ?? 0
    const command = `run: chmod 600 ${path}`
    if ((mode & OTHERS_WRITE) !== 0)
      found.issues.push({ name, fix: `others may write the file ${path}; ${command}` })
    else if ((mode & OTHERS_READ) !== 0)
      found.warnings.push({ name, fix: `others may read the file ${path}; ${command}` })
  }
  return found
}

/** Windows has no such bits. */
function modeOfFile(path: string): number | undefined {
  if (process.platform === 'win32') return undefined
  try {
    return statSync(path).mode
  } catch {
    // Reading the file reports why.
    return undefined
  }
}
