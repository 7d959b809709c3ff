import { createLatchkey } from '../load/latchkey.ts'
import type { Target, UpperBoundScript } from '../load/target.ts'
import { peers } from '../peers/index.ts'
import { bareFastify, hashLoops, rotationLoop } from '../peers/upper-bounds.ts'
import type { Databases } from '../support/databases.ts'
import { buildRef, copyBuild } from './builds.ts'
import type { Options, Part } from './options.ts'
import type { Competitor } from './runner.ts'

/** Everybody who takes part in a run with these options, Latchkey first. */
export async function competitorsFor(
  options: Options,
  folder: string,
  databases: Databases,
): Promise<Competitor[]> {
  const { against } = options
  const own = async (database: string, more: Parameters<typeof createLatchkey>[0]) => {
    const isMysql = databases.kind === 'mysql'
    const databaseUrl = isMysql ? await databases.create(database) : undefined
    return asCompetitor(createLatchkey({ databaseUrl, ...more }), 'latchkey')
  }
  const latchkey = await own('latchkey', { build: copyBuild(folder) })
  const others = against
    ? [await own('against', { name: `Latchkey at ${against}`, build: buildRef(against, folder) })]
    : [asCompetitor(bareFastify, 'upperBound'), ...peerCompetitors(options)]
  const chosen = [latchkey, ...others].map((competitor) => ({
    ...competitor,
    operations: competitor.operations.filter((operation) => isChosen(operation, options)),
  }))
  return chosen.filter(({ kind, operations }) => kind === 'latchkey' || operations.length > 0)
}

/** The upper bounds that are programs of their own. */
export async function scriptsFor(
  options: Options,
  databases: Databases,
): Promise<UpperBoundScript[]> {
  if (options.against) return []
  const ofDriver = options.isMysql ? [rotationLoop(await databases.create('driver'))] : []
  return [...hashLoops, ...ofDriver].filter(({ operation }) => isChosen(operation, options))
}

/** Whether the packages of bench/ are needed. */
export function needsPackages(options: Options): boolean {
  const isAlone = (part: Part) => part === 'memory' || part === 'instructions'
  return options.against === undefined && !options.parts.every(isAlone)
}

function asCompetitor(target: Target, kind: Competitor['kind']): Competitor {
  return { target, kind, synchronous: 'FULL', operations: target.operations }
}

/** As their documentation recommends, and for refreshes also with commits as safe as Latchkey's. */
function peerCompetitors({ names, isMysql }: Options): Competitor[] {
  if (isMysql) return []
  const isWanted = ({ name }: Target) =>
    names.length === 0 || names.some((word) => name.toLowerCase().includes(word.toLowerCase()))
  return peers.filter(isWanted).flatMap((target): Competitor[] => [
    { ...asCompetitor(target, 'peer'), synchronous: 'NORMAL' },
    {
      ...asCompetitor(target, 'peer'),
      operations: target.operations.filter((operation) => operation === 'refresh'),
    },
  ])
}

function isChosen(operation: string, { parts }: Options): boolean {
  return parts.some((part) => part === operation)
}
