import { prove } from './proof.ts'
import { keep, renew, send } from './session.ts'
import type { Problem } from './types.ts'

/**
 * A request of the administrator, below `/admin/`. It is repeated after a refresh, and after the
 * proof that the server asks for. @param line such as `GET users` @throws Problem
 */
export async function call<Answer>(
  line: string,
  body?: unknown,
  signal?: AbortSignal,
  version?: number,
  turns = 4,
): Promise<Answer> {
  try {
    await renew()
    return await send<Answer>(line.replace(' ', ' admin/'), body, signal, version)
  } catch (problem) {
    const { action, challenge } = problem as Problem
    if (action === 'login') location.reload()
    if (!turns || (action !== 'refresh' && !challenge)) throw problem
    const opened = challenge ? await prove(challenge) : await renew(true)
    if (opened) keep(opened)
    return call(line, body, signal, version, turns - 1)
  }
}
