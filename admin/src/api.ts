import { prove } from './proof.ts'
import { keep, renew, send } from './session.ts'
import type { Challenge, Problem } from './types.ts'

/** What the server asks for, by the action of its answer; the request is then repeated. */
const fixes: Record<string, (problem: Problem) => unknown> = {
  login: () => location.reload(),
  refresh: () => renew(true),
  step_up: async ({ challenge }) => keep(await prove(challenge as Challenge)),
}

/**
 * A request of the administrator, below `/admin/`, with what the server asks for in between.
 * @param line such as `GET users` @throws Problem
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
    const fix = fixes[(problem as Problem).action ?? '']
    if (!turns || !fix) throw problem
    await fix(problem as Problem)
    return call(line, body, signal, version, turns - 1)
  }
}
