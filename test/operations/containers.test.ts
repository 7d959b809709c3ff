// runs once
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/config.ts'
import { CLOSING_TIME } from '../../src/http/limits.ts'

// What can be held without a container engine: that the files agree with each other and with the
// settings.

const ROOT = new URL('../../', import.meta.url)

type Service = {
  image?: string
  environment: Record<string, string>
  secrets: string[]
  volumes: string[]
  cap_drop: string[]
  security_opt: string[]
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
  read_only?: boolean
  ports?: string[]
  stop_grace_period?: string
  mem_limit?: string
  pids_limit?: number
}
type Compose = {
  services: { server: Service; database: Service }
  volumes: Record<string, unknown>
  secrets: Record<string, { file: string }>
}

test('the compose file takes every password from a file that is in no repository', async () => {
  const { services, secrets } = await compose()

  for (const [name, { file }] of Object.entries(secrets)) {
    assert.equal(file, `./secrets/${name}`)
  }
  assert.match(await text('.gitignore'), /^secrets\/$/m)
  for (const { environment, secrets: mounted } of Object.values(services)) {
    const named = Object.entries(environment).filter(([name]) =>
      /PASSWORD|SECRET|DATABASE_URL/.test(name),
    )
    assert.deepEqual(
      named.filter(([name]) => !name.endsWith('_FILE')),
      [],
    )
    assert.deepEqual(
      named.map(([, path]) => path.replace('/run/secrets/', '')).sort(),
      mounted.toSorted(),
    )
  }
})

test('the secrets that the compose file tells to make are accepted by a production start', async () => {
  const { services } = await compose()
  const recipe = await text('docker-compose.yml')
  const address = /printf '(mysql:[^']+)'/.exec(recipe)?.[1] ?? ''
  const files: Record<string, string> = {
    '/run/secrets/secret': `${hex(48)}\n`,
    '/run/secrets/database_url': address.replace('%s', hex(24)),
  }

  const config = loadConfig(
    { NODE_ENV: 'production', ...expanded(services.server.environment) },
    (path) => files[path] ?? '',
  )

  assert.equal(config.http.publicUrl.href, 'http://localhost:3000')
  assert.ok(config.database.kind === 'mysql')
  const { host, port, user, password, database } = config.database
  assert.deepEqual([host, port, user, database], ['database', 3306, 'latchkey', 'latchkey'])
  assert.match(password, /^[0-9a-f]{48}$/)
  assert.equal(services.database.environment.MYSQL_DATABASE, 'latchkey')
  assert.equal(services.database.environment.MYSQL_USER, 'latchkey')
})

test('the compose file keeps data in volumes, waits for a healthy database and grants little', async () => {
  const { services, volumes } = await compose()
  const { server, database } = services

  assert.equal(database.image, 'mysql:8.4')
  assert.deepEqual(server.depends_on, { database: { condition: 'service_healthy' } })
  assert.ok(database.healthcheck?.test.includes('ping'))
  assert.deepEqual(
    [...server.volumes, ...database.volumes].map((mount) => mount.split(':')[0]),
    Object.keys(volumes),
  )
  assert.equal(server.read_only, true)
  assert.deepEqual(server.ports, ['127.0.0.1:3000:3000'])
  for (const service of [server, database]) {
    assert.deepEqual(service.cap_drop, ['ALL'])
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'])
  }
})

test('the compose file bounds memory and processes, and waits for a stop in good order', async () => {
  const { server, database } = (await compose()).services

  for (const { mem_limit: memory = '', pids_limit: processes = 0 } of [server, database]) {
    assert.match(memory, /^[1-4]g$/)
    assert.ok(processes >= 100 && processes <= 1000)
  }
  // The process that starts workers waits a second longer than they do, and they one than their
  // requests.
  const { SHUTDOWN_DELAY: given = '5s' } = server.environment
  const { delaySeconds } = loadConfig({ SHUTDOWN_DELAY: given }).shutdown
  const longest = delaySeconds + CLOSING_TIME / 1000 + 2
  assert.match(server.stop_grace_period ?? '', /^\d+s$/)
  assert.ok(Number.parseInt(server.stop_grace_period ?? '', 10) > longest)
})

test('the final image runs as another user than root, checks its health and installs nothing', async () => {
  const dockerfile = await text('Dockerfile')
  const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))

  assert.match(dockerfile, /^ARG NODE_IMAGE=node:24\.\d+-slim$/m)
  assert.match(final, /^USER node$/m)
  assert.match(final, /^CMD \["node", "\/app\/dist\/main\.js"\]$/m)
  assert.match(final, /HEALTHCHECK [^[]*CMD \["node", "-e", "fetch\(.*\/livez/)
  assert.doesNotMatch(final, /npm (ci|install)|apt-get|SECRET=|PASSWORD=/)
})

test('everything that the image copies exists and is let through to the build', async () => {
  const dockerfile = await text('Dockerfile')
  const allowed = (await text('.dockerignore'))
    .split('\n')
    .flatMap((line) => /^!(.+)/.exec(line)?.[1] ?? [])
  const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    ([, names = '']) => names.split(' '),
  )

  assert.ok(sources.length > 5)
  for (const source of sources) {
    await access(new URL(source, ROOT))
    const folder = source.split('/')[0] ?? ''
    assert.ok(allowed.includes(folder) || allowed.includes(source), source)
  }
})

async function compose(): Promise<Compose> {
  return parse(await text('docker-compose.yml'))
}

function text(name: string): Promise<string> {
  return readFile(new URL(name, ROOT), 'utf8')
}

/** Compose's `${NAME:-default}`, with no NAME given. */
function expanded(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(/^\$\{\w+:-(.*)\}$/, '$1'),
    ]),
  )
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
