import { createHash } from 'node:crypto'
import pLimit from 'p-limit'
import type { Log } from '../../log/log.ts'
import { noSpans, type SpanFacts, type Spans } from '../../tracing/spans.ts'
import { preparedPassword } from '../form.ts'
import { createHashFile } from './hash-file.ts'
import { createRanges } from './ranges.ts'

/** Where hashes of breached passwords are; undefined checks none. */
export type BreachSource =
  | { readonly kind: 'ranges'; readonly address: string }
  | { readonly kind: 'file'; readonly path: string }
  | undefined

const AT_ONCE = 10
/** Of one check in all, with its wait for others. */
const LIMIT_MS = 1000
const SPAN: SpanFacts = { name: 'breached password look-up', kind: 'client' }

export type BreachedPasswords = ReturnType<typeof createBreachedPasswords>
type Dependencies = {
  source: BreachSource
  log: Pick<Log, 'warn'>
  limitMs?: number
  spans?: Spans
}

/** Looks passwords up in a list of breached ones. */
export function createBreachedPasswords({
  source,
  log,
  limitMs = LIMIT_MS,
  spans = noSpans,
}: Dependencies) {
  const isListed = source && lookupIn(source)
  const turns = pLimit(AT_ONCE)
  const counts = { checked: 0, found: 0, failed: 0 }

  /** False where nobody can tell in time: an outage elsewhere must keep nobody from an account. */
  async function has(password: string): Promise<boolean> {
    if (!isListed) return false
    counts.checked += 1
    const hash = createHash('sha1').update(preparedPassword(password)).digest('hex').toUpperCase()
    const signal = AbortSignal.timeout(limitMs)
    const look = async () => !signal.aborted && (await isListed(hash, signal))
    try {
      const isFound = await spans(SPAN, () => Promise.race([turns(look), lateness(signal)]))
      if (isFound) counts.found += 1
      return isFound
    } catch (error) {
      counts.failed += 1
      log.warn({ reason: reasonOf(error) }, 'a new password was not looked up among breached ones')
      return false
    }
  }

  return { has, counts: () => ({ ...counts }) }
}

function lookupIn(source: NonNullable<BreachSource>) {
  return source.kind === 'file' ? createHashFile(source.path) : createRanges(source.address)
}

function lateness(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}

/** Where no address of a host answers, the error has a code alone. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException
  return message || String(code)
}
