import type { Config } from './config.ts'
import { createAdministration } from './features/accounts/administration.ts'
import { createCredentials } from './features/accounts/credentials.ts'
import { createAccounts } from './features/accounts/service.ts'
import { createAudit } from './features/audit/service.ts'
import { createHouseList } from './features/houses/list.ts'
import { createHouses } from './features/houses/service.ts'
import { createIdempotency } from './features/idempotency/service.ts'
import { createKeys } from './features/keys/service.ts'
import { createLockout } from './features/lockout/service.ts'
import { createPasswordService } from './features/password/service.ts'
import { createPhotoCleaner } from './features/photos/cleaner.ts'
import { createPhotos } from './features/photos/service.ts'
import { createGuard } from './features/sessions/guard.ts'
import { createRevocations } from './features/sessions/revocations.ts'
import { createSessions } from './features/sessions/service.ts'
import { createTokens } from './features/sessions/tokens.ts'
import { createBudgets } from './platform/budgets.ts'
import type { SharedCounters } from './platform/budgets-redis.ts'
import type { Clock } from './platform/clock.ts'
import { createCursors } from './platform/cursors.ts'
import type { OpenDatabase } from './platform/database.ts'
import type { FileStorage } from './platform/file-storage.ts'
import type { Images } from './platform/images.ts'
import { createKnownDevices } from './platform/known-devices.ts'
import type { Log } from './platform/log.ts'
import type { MasterSecrets } from './platform/master-secret.ts'
import { createPasswords } from './platform/passwords.ts'
import type { Siblings } from './platform/siblings.ts'

export type Services = ReturnType<typeof createServices>
type PeopleServices = ReturnType<typeof createPeopleServices>
type Needs = {
  config: Config
  secrets: MasterSecrets
  database: OpenDatabase
  files: FileStorage
  images: Images
  clock: Clock
  log: Log
  /** Where several servers count together. */
  shared: SharedCounters | undefined
  /** The other workers, where this process is one of several. */
  siblings: Siblings | undefined
}

/** The whole object graph, top to bottom: a line can use only the lines above it. */
export function createServices(needs: Needs) {
  const people = createPeopleServices(needs)
  return { ...people, ...createHouseServices(needs, people) }
}

/** What knows no account: hashing, counting, and what is signed with the master secret. */
function createTools({ config, secrets, clock, shared }: Needs) {
  const { argon2, poolThreads, workers, rateLimits } = config
  return {
    passwords: createPasswords(argon2, { poolThreads, processes: workers }),
    budgets: createBudgets({ clock, isOn: rateLimits, shared }),
    knownDevices: createKnownDevices(secrets),
    cursors: createCursors(secrets),
  }
}

/** Accounts, their sessions, and what guards both. */
function createPeopleServices(needs: Needs) {
  const { config, secrets, clock, log, siblings } = needs
  const { client: db, statements, provider } = needs.database
  const database = { db, statements }
  const { lifetimes } = config
  const { accessSeconds } = lifetimes
  const issuer = config.http.publicUrl
  const tools = createTools(needs)
  const { passwords, budgets, knownDevices } = tools

  const audit = createAudit({ ...database, clock, log })
  const keys = createKeys({ db, clock, secrets, accessSeconds })
  const tokens = createTokens({ clock, secrets, signingKey: keys.current, issuer, accessSeconds })
  const revocations = createRevocations({ db, clock, accessSeconds, siblings })
  const { publicPem } = keys
  const { failuresMax } = config.signIn
  const lockout = createLockout({ ...database, provider, clock, secrets, audit, failuresMax })
  const bounds = { budgets, lifetimes }
  const sessions = createSessions({ ...database, clock, tokens, revocations, audit, ...bounds })
  const { seen } = sessions
  const guard = createGuard({ clock, revocations, publicPem, issuer, ...lifetimes, seen })
  const accounts = createAccounts({ ...database, clock, passwords, audit, lockout, sessions })
  const checks = { passwords, knownDevices, lockout, budgets, audit }
  const credentials = createCredentials({ ...database, ...checks })
  const administration = createAdministration({ db, clock, audit, lockout, sessions, revocations })
  const password = createPasswordService({ passwords, accounts, credentials, sessions, audit })

  return {
    ...tools,
    audit,
    keys,
    tokens,
    revocations,
    guard,
    sessions,
    lockout,
    accounts,
    credentials,
    administration,
    password,
  }
}

/** The protected resource. */
function createHouseServices(needs: Needs, { audit }: Pick<PeopleServices, 'audit'>) {
  const { files, images, clock, log } = needs
  const { client: db, provider } = needs.database
  const idempotency = createIdempotency({ db, clock })
  const houses = createHouses({ db, clock, audit, idempotency })
  const houseList = createHouseList({ db, provider })
  const photoCleaner = createPhotoCleaner({ db, clock, log, houses, files })
  const photos = createPhotos({ db, clock, log, houses, images, files, cleaner: photoCleaner })

  return { idempotency, houses, houseList, photoCleaner, photos }
}
