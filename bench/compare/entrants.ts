import { ceilings, peers } from '../peers/index.ts'
import type { Entrant } from './arena.ts'
import type { CeilingScript, Contender } from './contender.ts'
import { asContender } from './contenders.ts'
import type { Databases } from './databases.ts'
import { createLatchkey, LATCHKEY_LOGGING } from './latchkey.ts'
import type { Options } from './options.ts'

/** Everybody who takes part in a run with these options, Latchkey first. */
export async function entrantsFor(
  options: Options,
  build: string,
  databases: Databases,
): Promise<Entrant[]> {
  const others = [...serverCeilings(), ...(options.isMysql ? [] : peerEntrants(options))]
  const wanted = [await logging(build, databases), ...others]
    .map((entrant) => ({ ...entrant, operations: chosen(entrant.operations, options) }))
    .filter(({ operations }) => operations.length > 0)
  const latchkey = createLatchkey({ build, databaseUrl: await databases.fresh() })
  const operations = chosen(latchkey.operations, options)
  return [{ contender: latchkey, kind: 'latchkey', synchronous: 'FULL', operations }, ...wanted]
}

/** The ceilings that are programs of their own and fit the database. */
export function scriptsFor({ isMysql, parts }: Options): CeilingScript[] {
  const databases = ['none', isMysql ? 'mysql' : 'sqlite']
  return ceilings.filter(
    (ceiling): ceiling is CeilingScript =>
      ceiling.kind === 'script' &&
      databases.includes(ceiling.database) &&
      parts.includes(ceiling.operation),
  )
}

async function logging(build: string, databases: Databases): Promise<Entrant> {
  const contender = createLatchkey({
    name: LATCHKEY_LOGGING,
    build,
    databaseUrl: await databases.fresh(),
    settings: { LOG_LEVEL: 'info' },
  })
  return { contender, kind: 'variant', synchronous: 'FULL', operations: ['verify'] }
}

function serverCeilings(): Entrant[] {
  return ceilings.flatMap((ceiling) =>
    ceiling.kind === 'server'
      ? {
          contender: asContender(ceiling),
          kind: 'ceiling' as const,
          synchronous: 'FULL' as const,
          operations: [ceiling.operation],
        }
      : [],
  )
}

/** As their documentation recommends, and for refreshes also with commits as safe as Latchkey's. */
function peerEntrants({ names }: Options): Entrant[] {
  const isWanted = ({ name }: Contender) =>
    names.length === 0 || names.some((word) => name.toLowerCase().includes(word.toLowerCase()))
  return peers.filter(isWanted).flatMap((contender): Entrant[] => [
    { contender, kind: 'peer', synchronous: 'NORMAL', operations: contender.operations },
    {
      contender,
      kind: 'peer',
      synchronous: 'FULL',
      operations: contender.operations.filter((operation) => operation === 'refresh'),
    },
  ])
}

function chosen(operations: readonly string[], { parts }: Options): string[] {
  return operations.filter((operation) => parts.some((part) => part === operation))
}
