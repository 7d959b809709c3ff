// runs once
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Ajv } from 'ajv'
import { loadConfig } from '../../src/config/config.ts'
import { CLOSING_TIME } from '../../src/http/limits.ts'
import { composeAt, expanded, networksOf, type Service, serviceOf } from '../support/compose.ts'
import { scratchDirectory } from '../support/databases.ts'
import { freePort } from '../support/free-port.ts'
import { pageAt, runSteps, skipWithout } from '../support/walkthrough.ts'

// What can be held without a container engine: that the files obey the Compose specification, these
// rules, and each other.

const FILE = 'docker-compose.yml'
const WITH_TLS = 'deploy/docker-compose.tls.yml'
const compose = composeAt(FILE)
const services = Object.entries(compose.services)
const DATABASES = ['database', 'valkey']
const SERVERS = ['server-1', 'server-2', 'sqlite']
/** Its start script hands over from root to its own user, and writes before that. */
const WRITES = ['database']

for (const file of [FILE, WITH_TLS]) {
  test(`${file} is valid by the schema of the Compose specification`, () => {
    // dclint carries the schema as the specification publishes it.
    const { resolve } = createRequire(import.meta.url)
    const schema = join(resolve('dclint/package.json'), '../schemas/compose.schema.json')
    const options = {
      strict: false,
      validateFormats: false,
      validateSchema: false,
      allErrors: true,
    }
    const ajv = new Ajv(options)
    const isValid = ajv.compile(createRequire(import.meta.url)(schema))

    assert.ok(isValid(composeAt(file)), JSON.stringify(isValid.errors))
    assert.ok(!isValid({ services: { one: { restrat: 'always' } } }), 'unknown keys are refused')
  })
}

for (const [name, service] of services) {
  test(`the service ${name} restarts, is asked for its health, and is bounded`, () => {
    assert.equal(service.restart, 'unless-stopped')
    // The image of the Dockerfile brings its own health check.
    assert.ok(service.healthcheck?.test[0] === 'CMD' || service.build === '.')
    assert.match(service.mem_limit ?? '', /^\d+[mg]$/)
    assert.ok(Number(String(service.cpus).replace(/^\$\{\w+:-(.+)\}$/, '$1')) > 0)
    assert.ok(Number(service.pids_limit) >= 50 && Number(service.pids_limit) <= 1000)
    assert.ok(service.logging, 'its logs are bounded')
  })

  test(`the service ${name} may do little`, () => {
    assert.deepEqual(service.cap_drop, ['ALL'])
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'])
    assert.equal(service.read_only ?? false, !WRITES.includes(name))
    for (const refused of ['privileged', 'network_mode', 'pid', 'ipc', 'devices', 'userns_mode']) {
      assert.equal(service[refused], undefined, refused)
    }
    for (const mount of service.volumes ?? []) assert.doesNotMatch(mount, /docker\.sock|^\/:/)
  })

  test(`the service ${name} names an image by version, and no password`, () => {
    assert.match(service.image ?? '', /^[\w./-]+:(\d[\w.-]*|local)$/)
    for (const [setting, value] of Object.entries(service.environment ?? {})) {
      if (/PASS|SECRET|TOKEN|KEY|_URL/.test(setting) && setting !== 'PUBLIC_URL') {
        assert.match(setting, /_FILE$/)
        const [, secret = ''] = /^\/run\/secrets\/(\w+)$/.exec(value) ?? []
        assert.ok(service.secrets?.includes(secret), `${setting} names a secret that is mounted`)
      }
    }
    assert.doesNotMatch(JSON.stringify(service), /:\/\/[^"/]*:[^"/]*@|requirepass/)
  })

  test(`the service ${name} publishes nothing but to this machine`, () => {
    const ports = name === 'nginx' || name === 'sqlite' ? 1 : 0

    assert.equal(service.ports?.length ?? 0, ports)
    for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:3000:\d+$/)
  })
}

test('databases are in the network without a way out, and nginx is not', () => {
  for (const [name, service] of services) {
    const isInternal = networksOf(service).every((network) => compose.networks[network]?.internal)

    assert.ok(networksOf(service).length > 0)
    assert.equal(isInternal, DATABASES.includes(name), name)
  }
  assert.deepEqual(networksOf(serviceOf(compose, 'nginx')), ['servers'])
})

test('each secret, volume and network is used, and each secret is a file in no repository', () => {
  const used = (pick: (service: Service) => string[]) =>
    new Set(services.flatMap(([, service]) => pick(service)))
  const volumes = used(({ volumes: mounts = [] }) =>
    mounts.flatMap((mount) => (mount.startsWith('.') ? [] : (mount.split(':')[0] ?? ''))),
  )

  assert.deepEqual(
    used(({ secrets = [] }) => secrets),
    new Set(Object.keys(compose.secrets)),
  )
  assert.deepEqual([...volumes].sort(), Object.keys(compose.volumes).sort())
  assert.deepEqual(used(networksOf), new Set(Object.keys(compose.networks)))
  for (const [name, { file }] of Object.entries(compose.secrets)) {
    assert.equal(file, `./secrets/${name}`)
  }
  assert.match(pageAt('.gitignore'), /^secrets\/$/m)
})

test('both servers are the same but for their address, and wait for healthy databases', () => {
  const [one, other] = [serviceOf(compose, 'server-1'), serviceOf(compose, 'server-2')]

  assert.deepEqual({ ...one, networks: {} }, { ...other, networks: {} })
  assert.notDeepEqual(one.networks, other.networks)
  for (const name of DATABASES) {
    assert.deepEqual(one.depends_on?.[name], { condition: 'service_healthy' })
  }
  assert.deepEqual(one.volumes, ['data:/data'])
  assert.equal(serviceOf(compose, 'sqlite').depends_on, undefined)
  assert.deepEqual(serviceOf(compose, 'sqlite').profiles, ['sqlite'])
})

test('the secrets that the file tells to make start each server in production', async (t) => {
  const folder = await withSecrets(t)
  const read = (path: string) => {
    const { status, stdout } = spawnSync('cat', [path.replace('/run', folder)])
    assert.equal(status, 0, path)
    return String(stdout)
  }

  for (const name of SERVERS) {
    const { environment } = serviceOf(compose, name)
    const config = loadConfig({ NODE_ENV: 'production', ...expanded(environment) }, read)

    assert.equal(config.http.publicUrl.href, 'http://localhost:3000')
    if (name === 'sqlite') continue
    assert.ok(config.database.kind === 'mysql')
    const { host, port, user, password, database } = config.database
    assert.deepEqual([host, port, user, database], ['database', 3306, 'latchkey', 'latchkey'])
    assert.equal(`${password}\n`, read('/run/secrets/database_password'))
    assert.match(read('/run/secrets/redis_url'), /^redis:\/\/latchkey:[0-9a-f]{48}@valkey:6379/)
  }
  const { environment = {} } = serviceOf(compose, 'database')
  assert.deepEqual([environment.MYSQL_DATABASE, environment.MYSQL_USER], ['latchkey', 'latchkey'])
})

test('Valkey keeps everybody out but the servers and its health check', {
  skip: skipWithout(['redis-server', 'redis-cli'], `valkey of ${FILE}`),
}, async (t) => {
  // Redis in its place, which has the same options and commands.
  const folder = await withSecrets(t)
  const { command = [], healthcheck } = serviceOf(compose, 'valkey')
  const port = await freePort()
  const here = (text: string) => text.replace('/run', folder)
  const [program = '', ...options] = command
  const valkey = spawn(
    program.replace('valkey', 'redis'),
    [...options.map(here), '--port', String(port)],
    {
      cwd: folder,
      stdio: 'ignore',
    },
  )
  t.after(() => stopped(valkey))
  const ask = (...words: string[]) => {
    const { status, stdout } = spawnSync('redis-cli', ['-p', String(port), '-e', ...words])
    return `${status} ${String(stdout).trim()}`
  }
  const isHealthy = () => {
    const [, , ...words] = healthcheck?.test ?? []
    return ask(...words)
  }
  for (let tries = 0; isHealthy() !== '0 PONG' && tries < 100; tries++) await sleep(50)
  const url = readFileSync(join(folder, 'secrets/redis_url'), 'utf8').replace('?tls=off', '')
  const server = ['--no-auth-warning', '-u', url.replace('valkey:6379', `127.0.0.1:${port}`)]

  assert.equal(isHealthy(), '0 PONG')
  assert.match(ask('ping'), /^1 /)
  assert.match(ask('--no-auth-warning', '--user', 'health', '--pass', 'x', 'info'), /^1 /)
  assert.match(ask(...server, 'set', 'latchkey:one', '1'), /^0 OK/)
  assert.match(ask(...server, 'set', 'other:one', '1'), /^1 /)
  assert.match(ask(...server, 'flushall'), /^1 /)
})

test('servers believe nginx and nobody else, at the addresses of its own file', () => {
  const address = (name: string) => {
    const { networks } = serviceOf(compose, name)
    return (networks as Record<string, { ipv4_address?: string } | null>).servers?.ipv4_address
  }
  const upstream = [...pageAt('deploy/nginx/nginx.conf').matchAll(/^ *server ([\d.]+):3000 /gm)]

  for (const name of ['server-1', 'server-2']) {
    assert.equal(serviceOf(compose, name).environment?.TRUST_PROXY, address('nginx'))
  }
  assert.deepEqual(
    upstream.map(([, one]) => one),
    [address('server-1'), address('server-2')],
  )
})

test('every server has enough time to finish its requests', () => {
  for (const name of SERVERS) {
    const { environment = {}, stop_grace_period: grace = '' } = serviceOf(compose, name)
    const { delaySeconds } = loadConfig({
      SHUTDOWN_DELAY: environment.SHUTDOWN_DELAY ?? '5s',
    }).shutdown

    assert.match(grace, /^\d+s$/)
    // The process that starts workers waits a second longer than they do, and they one than their
    // requests.
    assert.ok(Number.parseInt(grace, 10) > delaySeconds + CLOSING_TIME / 1000 + 2)
  }
})

/** A folder with the secrets that the comment of the file tells to make. */
async function withSecrets(t: TestContext): Promise<string> {
  const folder = scratchDirectory(t)
  const [recipe = ''] = /^# {3}mkdir.*?(?=^# {3}docker)/ms.exec(pageAt(FILE)) ?? []
  await runSteps([{ language: 'sh', code: recipe.replaceAll(/^# {3}/gm, ''), printed: '' }], folder)
  return folder
}

async function stopped(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
