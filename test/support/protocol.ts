import assert from 'node:assert/strict'
import { ProviderUnavailable } from '../../src/features/providers/errors.ts'
import { createProtocol } from '../../src/features/providers/protocol/create-protocol.ts'
import { AccessDenied, CallbackRefused } from '../../src/features/providers/protocol/protocol.ts'

type Options = Partial<Parameters<typeof createProtocol>[0]>

/** A protocol as in development, with what it logs. */
export function aProtocol(options: Options = {}) {
  const lines: { provider: string; reason: string }[] = []
  const log = { warn: (facts: object) => lines.push(facts as (typeof lines)[number]) }
  const protocol = createProtocol({ log, isProduction: false, ...options })

  /** That the provider cannot be used, and one line says why. */
  async function unavailable(asked: Promise<unknown>, reason: RegExp): Promise<void> {
    lines.length = 0
    await assert.rejects(asked, ProviderUnavailable.is)
    assert.equal(lines.length, 1, `logged: ${JSON.stringify(lines)}`)
    assert.match(lines[0]?.reason ?? '', reason)
  }

  return { protocol, lines, unavailable }
}

/** That the callback is refused, for this reason. */
export async function refused(asked: Promise<unknown>, reason: CallbackRefused['reason']) {
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof CallbackRefused, String(error))
    assert.equal(error.reason, reason)
    return true
  })
}

/** That the person was not let through, by this error of the provider. */
export async function denied(asked: Promise<unknown>, reason: string) {
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof AccessDenied, String(error))
    assert.equal(error.reason, reason)
    return true
  })
}
