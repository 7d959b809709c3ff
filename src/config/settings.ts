import { breachSource } from './breached-passwords.ts'
import { databaseUrl } from './database-url.ts'
import {
  duration,
  host,
  languages,
  oneOf,
  onOrOff,
  origins,
  proxies,
  publicUrl,
  wholeNumber,
} from './readers.ts'
import { redisUrl } from './redis-url.ts'
import { resourceSettings } from './resource-settings.ts'
import { masterSecrets } from './secret-readers.ts'
import { type NamesIn, optionalSetting, setting, settingsIn } from './setting.ts'
import { administrationSettings } from './settings-administration.ts'
import { factorSettings } from './settings-factors.ts'
import { mailSettings } from './settings-mail.ts'
import { migrationSettings } from './settings-migrations.ts'
import { providerSettings } from './settings-providers.ts'
import { tracingSettings } from './settings-tracing.ts'

/** Every setting by its path in the configuration, in the order of docs/settings.md. */
export const settings = {
  production: setting('NODE_ENV', {
    default: 'development',
    read: isProduction,
    description:
      '`production`, `development` or `test`. In production, settings that are weak or missing stop the start, and `.env` is not read.',
  }),
  http: {
    host: setting('HOST', {
      default: '127.0.0.1',
      read: host,
      description:
        'Address to listen on. The default accepts requests from this machine only; `0.0.0.0` accepts them from everywhere.',
    }),
    port: setting('PORT', {
      default: '3000',
      read: wholeNumber(0, 65_535),
      description:
        'Port to listen on, 0 to 65535; 0 means any free port. Change `PUBLIC_URL` along with it.',
    }),
    publicUrl: setting('PUBLIC_URL', {
      default: 'http://localhost:3000',
      read: publicUrl,
      description:
        "The server's own address as clients see it: the issuer of its tokens, the start of its links, and always an allowed origin. It may have a path (`https://example.org/auth`); the proxy in front may remove it from requests or keep it. Over https, the server tells browsers to use https for this host and all its subdomains for a year (HSTS). In production it must be set, and must be https unless its host is this machine (`localhost`, `127.0.0.1`, `[::1]`).",
    }),
  },
  database: setting('DATABASE_URL', {
    default: 'file:./data/latchkey.db',
    isSecret: true,
    read: databaseUrl,
    description:
      '`file:…` for a SQLite file, which the server creates, or `mysql://user:password@host:3306/database` (or `mariadb://…`, which means the same) for MySQL 8 or MariaDB 10.6 and later (percent-encode special characters; `?tls=on` for TLS with a checked certificate, `?allowPublicKeyRetrieval=true` for MySQL 8 without TLS). In production a database on another machine needs a password that is not a sample, and TLS, unless `?tls=off` says that you trust the network. `NODE_EXTRA_CA_CERTS=ca.pem` makes Node.js trust your own certificate authority.',
  }),
  migrations: migrationSettings,
  secrets: optionalSetting('SECRET', {
    defaultNote: 'created on first start in `./data/secret`',
    isSecret: true,
    read: masterSecrets,
    description:
      'Master secret, from which the keys for refresh tokens, stored signing keys, secrets of authenticator apps, challenges, list cursors and device cookies are derived: 32 bytes or more, random. To change it, list both, separated by a comma (8 at most): the first one signs, all of them verify. With several servers list `old,new` on each first, then `new,old`, run `npm run cli -- keys reseal`, and remove the old one after `REFRESH_TOKEN_TTL`; devices that have not signed in since then count as unknown (docs/guessing.md). In production it must be set; in development the server creates one, in a file that only its owner may read.',
  }),
  lifetimes: {
    accessSeconds: setting('ACCESS_TOKEN_TTL', {
      default: '15m',
      read: duration('1s', '1d'),
      description:
        'Lifetime of an access token: 1s to 1d, and shorter than `REFRESH_TOKEN_TTL`. A length of time is a whole number with `s`, `m`, `h` or `d`.',
    }),
    refreshSeconds: setting('REFRESH_TOKEN_TTL', {
      default: '30d',
      read: duration('1s', '400d'),
      description:
        'Lifetime of a session without a refresh: 1s to 400d, at most `SESSION_MAX_AGE`. Each refresh starts it again.',
    }),
    sessionSeconds: setting('SESSION_MAX_AGE', {
      default: '90d',
      read: duration('1s', '400d'),
      description:
        'Maximum lifetime of a session, with or without refreshes: 1s to 400d, the longest time that browsers keep a cookie (RFC 6265bis).',
    }),
    graceSeconds: setting('REFRESH_GRACE', {
      default: '30s',
      read: duration('0s', '5m'),
      description:
        'Time after a rotation in which the session does not rotate again and the previous refresh token still gets the same response, so that parallel tabs sign nobody out: 0s to 5m. [refresh.md](refresh.md) has the rules.',
    }),
    forgivesUnseen: setting('REFRESH_UNSEEN', {
      default: 'on',
      read: onOrOff,
      description:
        'With `on`, a used refresh token stays valid after `REFRESH_GRACE` until somebody uses a token that replaced it, so that a lost response signs nobody out. Choose `off` for services whose access tokens never come back to this server: it then cannot see whether they are used, and would accept a stolen token.',
    }),
  },
  corsOrigins: setting('CORS_ORIGINS', {
    default: '',
    mayBeEmpty: true,
    read: origins,
    description:
      'Origins of browser frontends on other addresses, separated by commas, each exact: `https://app.example.org`. No `*`, no path. In production they must be https, unless on this machine. Outside production every port of `http://localhost` and `http://127.0.0.1` is always allowed.',
  }),
  trustedProxies: setting('TRUST_PROXY', {
    default: '',
    mayBeEmpty: true,
    read: proxies,
    description:
      'Addresses or CIDR ranges of the reverse proxies whose `X-Forwarded-*` headers the server trusts, separated by commas: `127.0.0.1,10.0.0.0/8`. `true`, numbers of hops and ranges of the whole Internet are refused.',
  }),
  redis: setting('REDIS_URL', {
    default: '',
    mayBeEmpty: true,
    isSecret: true,
    read: redisUrl,
    description:
      'Redis in which several servers share the counters of their [rate limits](rate-limits.md): `redis://user:password@host:6379/0` for one server, `redis+cluster://a:6379,b:6379` for a cluster, `redis+sentinel://a:26379,b:26379/name` for a server that Sentinels watch (`?sentinelPassword=…` if they have their own password); `rediss` instead of `redis` means TLS with a checked certificate. In production a Redis on another machine, or one that Sentinels name, needs a password, and TLS unless `?tls=off` says that you trust the network. Without this setting, or while Redis is not available, each server counts on its own.',
  }),
  languages: setting('LANGUAGES', {
    default: 'en,zh-CN',
    read: languages,
    description:
      'Languages of what people read, separated by commas, each a tag that the server has texts for ([languages.md](languages.md)): `en`, `zh-CN`. The first is for those who ask for none of them. Answers follow `Accept-Language`, mails the `locale` of the account.',
  }),
  mail: mailSettings,
  factors: factorSettings,
  ...administrationSettings,
  ...providerSettings,
  rateLimits: setting('RATE_LIMITS', {
    default: 'on',
    read: onOrOff,
    description:
      '`on` or `off`: the [rate limits](rate-limits.md). `off` is for load tests and refused in production; wrong passwords still lock accounts, and nobody gets more notices by mail.',
  }),
  signIn: {
    failuresMax: setting('SIGN_IN_FAILURES_MAX', {
      default: '100',
      read: wholeNumber(10, 100),
      description:
        'Failed sign-ins in a row, from devices that have never signed in to an account, after which the account is locked for such devices: 10 to 100, the most that NIST allows. It is unlocked when a known device signs in, or by `npm run cli -- user unlock <name>`. In addition, after every 10 failures in a row the device must wait for 15 minutes.',
    }),
  },
  breachedPasswords: setting('BREACHED_PASSWORDS', {
    default: '',
    mayBeEmpty: true,
    read: breachSource,
    description:
      'Where new passwords are looked up, so that those of known data breaches are refused ([breached-passwords.md](breached-passwords.md)): `https://api.pwnedpasswords.com`, or another address with the same range API, which learns five digits of a hash and no password; or the path of a sorted file of `HASH:count` lines, which needs no network. An address is https, or outside production http on this machine. Where the API does not answer within a second, the password passes.',
  }),
  ...resourceSettings,
  log: {
    level: setting('LOG_LEVEL', {
      default: 'info',
      read: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
      description: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
    }),
  },
  audit: {
    retentionSeconds: setting('AUDIT_RETENTION', {
      default: '400d',
      read: duration('1d', '3650d'),
      description:
        'How long audit events are kept: 1d to 3650d. They go by whole days (UTC), so some are kept for a day more ([audit.md](audit.md)).',
    }),
  },
  metrics: {
    isOn: setting('METRICS', {
      default: 'off',
      read: onOrOff,
      description:
        '`on` serves metrics for Prometheus at `/metrics`, on `METRICS_HOST` and `METRICS_PORT`, never on the port of the API.',
    }),
    host: setting('METRICS_HOST', {
      default: '127.0.0.1',
      read: host,
      description:
        'Address to serve the metrics on. It needs no password, so let only your Prometheus reach it.',
    }),
    port: setting('METRICS_PORT', {
      default: '9464',
      read: wholeNumber(1, 65_535),
      description: 'Port to serve the metrics on, 1 to 65535, different from `PORT`.',
    }),
  },
  tracing: tracingSettings,
  docs: setting('DOCS', {
    default: 'on',
    read: onOrOff,
    description:
      '`off` answers 404 at `/`, `/docs`, `/openapi.json` and `/openapi.yaml`. `/problems`, which errors name, stays.',
  }),
  shutdown: {
    delaySeconds: setting('SHUTDOWN_DELAY', {
      default: { production: '5s', development: '0s' },
      read: duration('0s', '5m'),
      description:
        'How long a stopping server continues to serve, with `/readyz` at 503, before it closes its listener: 0s to 5m. Choose more than your load balancer needs to notice. Running requests then have 10 s more ([stopping.md](stopping.md)).',
    }),
  },
  argon2: {
    memoryKib: setting('ARGON2_MEMORY_KIB', {
      default: '19456',
      read: wholeNumber(8, 1_048_576),
      description:
        'Memory for one password hash (argon2id), in KiB: 8 times `ARGON2_PARALLELISM` to 1048576. In production memory and time together must be at least as strong as OWASP recommends: 47104 with time 1, 19456 with 2, 12288 with 3, 9216 with 4, 7168 with 5.',
    }),
    time: setting('ARGON2_TIME', {
      default: '2',
      read: wholeNumber(1, 20),
      description:
        'Passes over that memory, 1 to 20; `npm run calibrate` proposes both for this machine. The next sign-in renews a hash that has another cost.',
    }),
    parallelism: setting('ARGON2_PARALLELISM', {
      default: '1',
      read: wholeNumber(1, 16),
      description: 'Lanes of one hash, 1 to 16.',
    }),
  },
  workers: setting('WORKERS', {
    default: '1',
    read: wholeNumber(1, 64),
    description:
      'How many processes share the port and the work, 1 to 64: at most as many as the machine has cores. [workers.md](workers.md) says when this helps.',
  }),
  poolThreads: setting('UV_THREADPOOL_SIZE', {
    default: '4',
    read: wholeNumber(1, 1024),
    description:
      'A setting of Node.js: its number of threads for hashes, files and DNS, 1 to 1024. As many hashes run at once as there are cores, and two threads stay free for other work. With more than two cores, set it to the number of cores plus two. Node.js reads it before `.env`, so set it in the environment.',
  }),
}

export type SettingName = NamesIn<typeof settings>

export const settingList = settingsIn(settings)

function isProduction(text: string): boolean {
  return oneOf('production', 'development', 'test')(text) === 'production'
}
