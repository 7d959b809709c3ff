import type { Browsers } from '../config/browsers.ts'
import type { Config } from '../config/config.ts'
import type { App } from '../http/app.ts'
import type { Clock } from '../platform/clock.ts'
import type { ClusterWorker } from '../platform/cluster/worker.ts'
import type { MasterSecrets } from '../platform/crypto/master-secret.ts'
import type { Database, DatabaseConnection } from '../platform/database/database.ts'
import type { Statements } from '../platform/database/statements.ts'
import type { ErrorDefinition } from '../platform/errors/api-error.ts'
import type { FileStorage } from '../platform/file-storage.ts'
import type { UserId } from '../platform/ids.ts'
import type { Images } from '../platform/images/images.ts'
import type { Log } from '../platform/log/log.ts'
import type { Metric } from '../platform/metrics.ts'
import type { Cursors } from '../platform/paging/cursors.ts'
import type { Passwords } from '../platform/passwords/passwords.ts'
import type { RateLimits, RateLimitTable } from '../platform/rate-limits/rate-limits.ts'
import type { Spans } from '../platform/tracing/spans.ts'
import type { Dashboard } from './accounts/dashboard.ts'
import type { Purposes } from './challenges/purpose.ts'
import type { Checks } from './health/checks.ts'

/** What every feature can use: the outside world and the tools of the platform, and no feature. */
export type Tools = {
  config: Config
  secrets: MasterSecrets
  browsers: Browsers
  database: DatabaseConnection
  db: Database
  statements: Statements
  dialect: DatabaseConnection['dialect']
  files: FileStorage
  images: Images
  clock: Clock
  log: Log
  passwords: Passwords
  /** Puts work into the trace of the present request. */
  spans: Spans
  cursors: Cursors
  /** The other workers, where this process is one of several. */
  clusterWorker: ClusterWorker | undefined
  /** Aborted from the first moment of a stop. */
  stopping: AbortSignal
  /** Every error that the server answers with. */
  errors: readonly ErrorDefinition[]
  /** All features, each behind those that it needs; complete once the server starts. */
  opened: readonly Opened[]
}

/** Work beside the requests. */
export type Job = {
  /** For the log. */
  name: string
  everyMs: number
  /** @param stopping aborted when the server stops; a long turn then ends early */
  run: (stopping: AbortSignal) => Promise<unknown>
  /** Whether the server waits for a first turn before it starts. */
  isFirstAtStart?: boolean
}

/** What a feature holds about users: by its name in the export, one object or rows. */
export type Exported = Record<string, ExportedPart>
export type ExportedPart = {
  /** For the reference. */
  description: string
  /** Reads with bounded memory; never a secret, a key or a hash. */
  read: (userId: UserId) => AsyncIterable<object> | Promise<object | null>
}

/** What a feature gives to the server; it leaves out what it does not have. */
export type Parts<Services extends object> = {
  /** What other features, the command line and tests use. */
  services?: Services
  routes?: (app: App) => PromiseLike<unknown>
  /** Routes that read or set cookies: the others do without the hooks for it. */
  cookieRoutes?: (app: App) => PromiseLike<unknown>
  jobs?: readonly Job[]
  /** Deletes a bounded number of rows that are of no more use. @returns whether there are more */
  clean?: () => Promise<boolean>
  /** Takes away what a user has whose account is deleted, a batch at a time. */
  removeOwned?: (userId: UserId) => AsyncIterable<void>
  /** Removes what has lost its owner, such as files; called after a deletion, and never fails. */
  sweep?: () => Promise<void>
  checks?: Checks
  dashboard?: Dashboard
  /** What `/metrics` shows of it. */
  metrics?: readonly Metric[]
  /** All that it holds about a user, for `GET /me/export`. */
  exported?: Exported
  /** What challenges can be for (src/features/challenges/purpose.ts). */
  purposes?: Purposes
  /** Writes what is still in memory, when the server stops. */
  close?: () => Promise<void>
}

/** A feature as one server has it. */
export type Opened = Omit<Parts<object>, 'services'> &
  Pick<Feature, 'name' | 'tag'> & {
    /** Whether its routes are served; its other parts work in any case. */
    isOn: boolean
  }

/** A folder below `src/features/`, as its `feature.ts` describes it. */
export type Feature<
  Services extends object = object,
  Limits extends RateLimitTable = RateLimitTable,
> = {
  name: string
  /** The errors that it adds to those of every feature. */
  errors?: readonly ErrorDefinition[]
  /** The limits that it counts against. */
  rateLimits?: Limits
  /** How the reference groups its operations. */
  tag?: { name: string; description: string }
  /** False leaves the feature out of the routes, the reference and the dashboard. */
  isOn?: (config: Config) => boolean
  needs: readonly Feature[]
  open: (kit: never) => Parts<Services>
}

type Described<
  Services extends object,
  Limits extends RateLimitTable,
  Needs extends readonly Feature[],
> = Omit<Feature<Services, Limits>, 'needs' | 'open'> & {
  /** The features whose services it uses. */
  needs?: Needs
  open: (kit: Kit<Limits, Needs>) => Parts<Services>
}

/** What `open` gets: the tools, the services of the features that it needs, and its own limits. */
type Kit<Limits extends RateLimitTable, Needs> = Tools &
  ServicesOf<Needs> & { rateLimits: RateLimits<Extract<keyof Limits, string>> }

/** All that several features offer to others. */
export type ServicesOf<Features> = Features extends readonly [Feature<infer First>, ...infer Rest]
  ? First & ServicesOf<Rest>
  : object

/** The limits of several features in one table. */
export type LimitsOf<Features> = Features extends readonly [
  Feature<object, infer First>,
  ...infer Rest,
]
  ? First & LimitsOf<Rest>
  : Record<never, never>

/**
 * Describes a feature. TypeScript knows in `open` what the tools and the needed features offer.
 *
 *     export const notesFeature = defineFeature({
 *       name: 'notes',
 *       needs: [tokensFeature],
 *       open: ({ db, clock, guard }) => {
 *         const notes = createNotes({ db, clock })
 *         return { routes: (app) => app.register(noteRoutes, { notes, guard }) }
 *       },
 *     })
 */
export function defineFeature<
  Services extends object,
  const Limits extends RateLimitTable = Record<never, never>,
  const Needs extends readonly Feature[] = readonly [],
>({ needs, ...feature }: Described<Services, Limits, Needs>): Feature<Services, Limits> {
  return { needs: needs ?? [], ...feature }
}

/**
 * Opens features, each behind those that it needs.
 * @param tools `opened` is filled here, for features that read the parts of all
 * @returns what all of them offer, together
 */
export function openFeatures<const Features extends readonly Feature[]>(
  features: Features,
  tools: Tools & { opened: Opened[]; rateLimits: RateLimits<never> },
): ServicesOf<Features> {
  const done = new Map<Feature, object>()

  function servicesOf(feature: Feature): object {
    return done.get(feature) ?? open(feature)
  }

  function open(feature: Feature): object {
    const kit = Object.assign({}, tools, ...feature.needs.map(servicesOf))
    // `defineFeature` has checked that this is what the feature takes.
    const { services = {}, ...parts } = feature.open(kit as never)
    done.set(feature, services)
    const { name, tag, isOn } = feature
    tools.opened.push({
      ...parts,
      name,
      ...(tag ? { tag } : {}),
      isOn: isOn?.(tools.config) ?? true,
    })
    return services
  }

  return Object.assign({}, ...features.map(servicesOf))
}
