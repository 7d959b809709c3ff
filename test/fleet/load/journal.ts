import type { Answer, Asked } from './exchange.ts'

/** One request, and how it ended. */
export type Line = {
  /** When its answer came, by `performance.now()`. */
  at: number
  ms: number
  /** The request without ids, such as `GET /notes/:id`. */
  kind: string
  /** 0 when the connection was lost. */
  status: number
}

/** Something that must not happen, with what is known about it. */
export type Broken = { what: string; at: number; details: string }

export type Journal = ReturnType<typeof createJournal>

const SHOWN = 400

/** Keeps all requests of a run and judges each answer. */
export function createJournal() {
  const lines: Line[] = []
  const broken: Broken[] = []
  const lives: { at: number; ms: number }[] = []

  function note(asked: Asked, answer: Answer, ms: number): void {
    const { status } = answer
    lines.push({ at: performance.now(), ms, kind: kindOf(asked), status })
    const wrong = wrongIn(answer)
    if (wrong) accuse(wrong, asked, answer)
  }

  function accuse(what: string, asked?: Asked, answer?: Answer): void {
    const request = asked ? `${asked.method} ${asked.path} ${JSON.stringify(asked.body ?? {})}` : ''
    const served = answer?.headers['x-served-by'] ?? 'nobody'
    const answered = answer ? `${answer.status} by ${served}: ${answer.text.slice(0, SHOWN)}` : ''
    const details = [request.slice(0, SHOWN), answered].filter((text) => text !== '').join('\n')
    broken.push({ what, at: performance.now(), details })
  }

  return { lines, broken, lives, note, accuse }
}

/** What no client may see, whatever it asked. */
function wrongIn({ status, headers, body }: Answer): string | undefined {
  if (status === 503) {
    if (headers['retry-after'] === undefined) return 'a 503 without Retry-After'
    return typeof body.code === 'string' ? undefined : 'a 503 without a code'
  }
  return status >= 500 ? `a ${status}` : undefined
}

function kindOf({ method, path }: Asked): string {
  const plain = path.replace(/\?.*/, '').replace(/\/[0-9a-f-]{36}/g, '/:id')
  return `${method} ${plain}`
}
