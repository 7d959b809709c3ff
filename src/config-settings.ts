import {
  duration,
  folder,
  host,
  oneOf,
  onOrOff,
  origins,
  proxies,
  type Reader,
  webAddress,
  wholeNumber,
} from './config-readers.ts'
import { databaseUrl, masterSecrets, redisUrl } from './config-secrets.ts'

type Setting<Value> = {
  /** What the setting decides, in the words of the settings page (docs/settings.md). */
  meaning: string
  read: Reader<Value>
  /** The text that counts when the setting is not given. */
  standard?: string
  /** What the settings page says where there is no standard text. */
  otherwise?: string
  /** A secret may also come from a file that NAME_FILE names, and is never repeated in a message. */
  isSecret?: true
  /** Where an empty text means "none"; everywhere else it is refused. */
  mayBeEmpty?: true
}

/** Every setting of the server, in the order of the settings page. */
export const settings = {
  NODE_ENV: setting({
    standard: 'development',
    read: oneOf('production', 'development', 'test'),
    meaning:
      '`production`, `development` or `test`. In production, settings that are weak or missing stop the start, and `.env` is not read.',
  }),
  HOST: setting({
    standard: '127.0.0.1',
    read: host,
    meaning:
      'Address to listen on. The default takes requests from this machine only; `0.0.0.0` takes them from everywhere.',
  }),
  PORT: setting({
    standard: '3000',
    read: wholeNumber(0, 65_535),
    meaning:
      'Port to listen on, 0 to 65535; 0 takes any free one. Change `PUBLIC_URL` along with it.',
  }),
  PUBLIC_URL: setting({
    standard: 'http://localhost:3000',
    read: webAddress,
    meaning:
      "The server's own address as clients see it, without a path: the issuer of its tokens, the start of its links, and always an allowed origin. Over https, browsers are told to use https for it and all its subdomains for a year (HSTS). In production it must be set, and be https unless its host is this machine (`localhost`, `127.0.0.1`, `[::1]`).",
  }),
  DATABASE_URL: setting({
    standard: 'file:./data/latchkey.db',
    isSecret: true,
    read: databaseUrl,
    meaning:
      '`file:…` for a SQLite file, which is created, or `mysql://user:password@host:3306/database` for MySQL 8 or MariaDB 10.6 and later (percent-encode special characters; `?ssl=true` for TLS with a checked certificate, `?allowPublicKeyRetrieval=true` for MySQL 8 without TLS). In production a MySQL server on another machine needs a password that is no sample.',
  }),
  UPLOADS_DIR: setting({
    standard: './data/uploads',
    read: folder,
    meaning:
      'Folder for the photos that are uploaded; it is made, for the owner alone, where it does not exist. Several servers need one that all of them see. Copy it along with the database, after it: a photo lies here before the database counts it as stored.',
  }),
  SECRET: setting({
    otherwise: 'made on first start in `./data/secret`',
    isSecret: true,
    read: masterSecrets,
    meaning:
      'Master secret, from which the keys for refresh tokens, stored signing keys, list cursors and device cookies are derived: 32 bytes or more, random. To change it, list both, separated by a comma (8 at most): the first one signs, all of them verify. With several servers list `old,new` on each first, then `new,old`, and drop the old one once `REFRESH_TOKEN_TTL` is over; devices that have not signed in since are unknown ones then (docs/guessing.md). In production it must be set; in development the server makes one, in a file that only its owner may read.',
  }),
  ACCESS_TOKEN_TTL: setting({
    standard: '15m',
    read: duration('1s', '1d'),
    meaning:
      'How long an access token is good for: 1s to 1d, and shorter than `REFRESH_TOKEN_TTL`. Lengths of time are a whole number with `s`, `m`, `h` or `d`.',
  }),
  REFRESH_TOKEN_TTL: setting({
    standard: '30d',
    read: duration('1s', '400d'),
    meaning:
      'How long a session lives without a refresh: 1s to 400d, at most `SESSION_MAX_AGE`. Each refresh starts it again.',
  }),
  SESSION_MAX_AGE: setting({
    standard: '90d',
    read: duration('1s', '400d'),
    meaning:
      'How long a session lives at all, refreshed or not: 1s to 400d, the longest that browsers keep a cookie (RFC 6265bis).',
  }),
  REFRESH_GRACE: setting({
    standard: '30s',
    read: duration('0s', '5m'),
    meaning:
      'The window after a rotation in which a session does not rotate again and the predecessor of its refresh token still gets the same answer, so that parallel tabs sign nobody out: 0s to 5m. [refresh.md](refresh.md) has the rules.',
  }),
  REFRESH_UNSEEN: setting({
    standard: 'on',
    read: onOrOff,
    meaning:
      '`on` forgives a spent refresh token after the window, too, until its successor was seen, so that a lost answer signs nobody out. `off` is for services whose access tokens never come back to this server: then it sees nothing, and would forgive a thief.',
  }),
  CORS_ORIGINS: setting({
    standard: '',
    mayBeEmpty: true,
    read: origins,
    meaning:
      'Origins of browser frontends on other addresses, separated by commas, each exact: `https://app.example.org`. No `*`, no path. In production they are https, unless on this machine.',
  }),
  TRUST_PROXY: setting({
    standard: '',
    mayBeEmpty: true,
    read: proxies,
    meaning:
      'Addresses or CIDR ranges of the reverse proxies whose `X-Forwarded-*` headers are believed, separated by commas: `127.0.0.1,10.0.0.0/8`. `true`, numbers of hops and ranges that hold the whole Internet are refused.',
  }),
  REDIS_URL: setting({
    standard: '',
    mayBeEmpty: true,
    isSecret: true,
    read: redisUrl,
    meaning:
      '`redis://user:password@host:6379/0`, or `rediss://…` for TLS with a checked certificate: where several servers share their request budgets ([rate-limits.md](rate-limits.md)). Without it, or while Redis is away, each server counts by itself.',
  }),
  RATE_LIMITS: setting({
    standard: 'on',
    read: onOrOff,
    meaning:
      '`on` or `off`: the request budgets of [rate-limits.md](rate-limits.md). `off` is for load tests and refused in production; accounts are still locked after wrong passwords.',
  }),
  SIGN_IN_FAILURES_MAX: setting({
    standard: '100',
    read: wholeNumber(10, 100),
    meaning:
      'Failed sign-ins in a row, from devices that have never signed in to an account, after which it takes no more sign-ins from such devices: 10 to 100, the most that NIST allows. It opens again when a known device signs in, or by `npm run cli -- unlock <name>`. Every 10 failures in a row the device waits for 15 minutes anyway.',
  }),
  LOG_LEVEL: setting({
    standard: 'info',
    read: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    meaning: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
  }),
  METRICS: setting({
    standard: 'off',
    read: onOrOff,
    meaning: '`on` serves figures for Prometheus at `/metrics`; `off` answers 404 there.',
  }),
  ARGON2_MEMORY_KIB: setting({
    standard: '19456',
    read: wholeNumber(8, 1_048_576),
    meaning:
      'Memory for one password hash (argon2id), in KiB: 8 times `ARGON2_PARALLELISM` to 1048576. In production memory and time together must be at least as strong as OWASP advises: 47104 with time 1, 19456 with 2, 12288 with 3, 9216 with 4, 7168 with 5.',
  }),
  ARGON2_TIME: setting({
    standard: '2',
    read: wholeNumber(1, 20),
    meaning:
      'Passes over that memory, 1 to 20; `npm run calibrate` proposes both for this machine. Older hashes are renewed with the cost of today at the next sign-in.',
  }),
  ARGON2_PARALLELISM: setting({
    standard: '1',
    read: wholeNumber(1, 16),
    meaning: 'Lanes of one hash, 1 to 16.',
  }),
  WORKERS: setting({
    standard: '1',
    read: wholeNumber(1, 64),
    meaning:
      'How many processes share the port and the work, 1 to 64: at most as many as the machine has cores. [workers.md](workers.md) says when it pays.',
  }),
  UV_THREADPOOL_SIZE: setting({
    standard: '4',
    read: wholeNumber(1, 1024),
    meaning:
      "Node's own: how many threads it has for hashes, files and the look-up of names, 1 to 1024. As many hashes run at once as there are cores, and two threads are left for the rest, so with more than two cores set it to their number and two more. Node reads it before `.env`, so give it in the environment.",
  }),
}

export type SettingName = keyof typeof settings

/** The value of each setting; undefined where none was given and no standard text exists. */
export type SettingValues = {
  readonly [Name in SettingName]: (typeof settings)[Name] extends Setting<infer Value>
    ? Name extends 'SECRET'
      ? Value | undefined
      : Value
    : never
}

function setting<Value>(definition: Setting<Value>): Setting<Value> {
  return definition
}
