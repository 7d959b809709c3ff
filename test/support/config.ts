import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { ConfigError, type Environment, loadConfig } from '../../src/config/config.ts'
import type { ReadSecretFile } from '../../src/config/secret-files.ts'

export const SECRET = newSecret()
export const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://auth.example.org', SECRET }

export function refusal(env: Environment, readFile?: ReadSecretFile): ConfigError {
  try {
    loadConfig(env, readFile)
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error
  }
  return assert.fail(`accepted: ${JSON.stringify(env)}`)
}

export function namesOf(issues: readonly { name: string }[]): string[] {
  return issues.map(({ name }) => name)
}

export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}
