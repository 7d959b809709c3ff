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
    if (!turns || !(await fix(problem as Problem))) throw problem
    return call(line, body, signal, version, turns - 1)
  }
}

/** Does what the server asks for. @returns whether to repeat the request */
async function fix({ action, challenge }: Problem): Promise<boolean> {
  if (action === 'login') location.reload()
  if (action === 'refresh') await renew(true)
  const opened = challenge && (await prove(challenge))
  if (opened) keep(opened)
  return action === 'refresh' || !!challenge
}
