// runs once
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/config.ts'
import { CLOSING_TIME } from '../../src/http/limits.ts'
import { scratchDirectory } from '../support/databases.ts'
import { pageAt } from '../support/walkthrough.ts'

// No cluster runs here: the manifests are compared with the schemas and the types of Kubernetes,
// and with the server, its image and each other.

const FOLDER = 'deploy/kubernetes'
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const require = createRequire(import.meta.url)
const { resolve } = require

type Manifest = {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
  // biome-ignore lint/suspicious/noExplicitAny: each kind has its own, and the schemas check them.
  spec?: any
  data?: Record<string, string>
}
type Kustomization = {
  kind: string
  resources: string[]
  patches?: { path: string }[]
  images?: { name: string }[]
}

const base = kustomizationOf('base')
const example = kustomizationOf('example')
const manifests = [...manifestsOf('base'), ...manifestsOf('example')]
const deployment = manifestOf('Deployment') as unknown as Required<IDeployment>
const pod = deployment.spec.template.spec
const [container] = pod?.containers ?? []
const labels = deployment.spec.template.metadata?.labels ?? {}
assert.ok(pod && container)

for (const { file, manifest } of manifests) {
  test(`${file} is valid by the schema of Kubernetes`, () => {
    const { [manifest.kind]: Kind } = require(moduleOf(manifest))

    assert.doesNotThrow(() => new Kind(manifest).validate())
  })
}

test('no manifest has a field that Kubernetes does not know', { timeout: 60_000 }, (t) => {
  // The schemas let unknown fields pass, as Kubernetes drops them. The types do not.
  const folder = scratchDirectory(t)
  const lines = manifests.map(({ manifest }, index) => {
    const module = JSON.stringify(moduleOf(manifest).replace(/\.m?js$/, ''))
    const type = `import(${module}).I${manifest.kind}`
    return `export const one${index}: ${type} = ${JSON.stringify(manifest)}\n`
  })
  const refused = `// @ts-expect-error\n${lines[0]?.replace('"spec":{', '"spec":{"replcas":2,')}`
  writeFileSync(join(folder, 'manifests.ts'), [...lines, refused.replace('one0', 'wrong')].join(''))
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--ignoreConfig', '--types', '']
  const tsc = join(resolve('typescript/package.json'), '../bin/tsc')

  execFileSync(process.execPath, [tsc, ...options, 'manifests.ts'], {
    cwd: folder,
    encoding: 'utf8',
  })
})

test('the kustomizations name every file beside them, and nothing else', () => {
  for (const [folder, { kind, resources, patches = [] }] of [
    ['base', base],
    ['example', example],
  ] as const) {
    const named = [...resources, ...patches.map(({ path }) => path)]
    const files = readdirSync(join(ROOT, FOLDER, folder)).filter((one) => !/^kustom/.test(one))

    assert.equal(kind, 'Kustomization')
    assert.deepEqual(named.filter((one) => one !== '../base').sort(), files.sort())
  }
  assert.ok(example.resources.includes('../base'))
  assert.deepEqual(
    example.images?.map(({ name }) => name),
    [container.image],
  )
})

test('a patch is for a manifest of the base', () => {
  const known = manifestsOf('base').map(({ manifest }) => identity(manifest))

  for (const { path } of example.patches ?? []) {
    assert.ok(known.includes(identity(parse(pageAt(`${FOLDER}/example/${path}`)))), path)
  }
})

test('the pods run as the user of the image, and may do nothing that they need not', () => {
  assert.deepEqual(pod.securityContext, {
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    fsGroup: 1000,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  })
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  assert.equal(pod.automountServiceAccountToken, false)
  assert.deepEqual([pod.hostNetwork, pod.hostPID, pod.hostIPC], [undefined, undefined, undefined])
  const namespace = manifestOf('Namespace').metadata.labels
  assert.equal(namespace?.['pod-security.kubernetes.io/enforce'], 'restricted')
})

test('a new version never lowers the number of servers, and each has its time to stop', () => {
  const { delaySeconds } = loadConfig({
    SHUTDOWN_DELAY: manifestOf('ConfigMap').data?.SHUTDOWN_DELAY,
  }).shutdown
  const red = container.readinessProbe?.failureThreshold ?? 3

  assert.ok((deployment.spec.replicas ?? 0) >= 2)
  assert.deepEqual(deployment.spec.strategy?.rollingUpdate, { maxUnavailable: 0, maxSurge: 1 })
  assert.equal(manifestOf('PodDisruptionBudget').spec.maxUnavailable, 1)
  assert.ok(delaySeconds > red * (container.readinessProbe?.periodSeconds ?? 10))
  assert.ok((pod.terminationGracePeriodSeconds ?? 0) > delaySeconds + CLOSING_TIME / 1000 + 2)
})

test('probes, service and ingress ask the port of the image', () => {
  const port = Number(/ PORT=(\d+)/.exec(pageAt('Dockerfile'))?.[1])
  const [{ name, containerPort } = {}] = container.ports ?? []
  const ingress = manifestOf('Ingress').spec.rules[0].http.paths[0].backend.service

  assert.equal(containerPort, port)
  const { startupProbe, readinessProbe, livenessProbe } = container
  assert.deepEqual(
    [startupProbe, readinessProbe, livenessProbe].map((probe) => probe?.httpGet),
    ['/readyz', '/readyz', '/livez'].map((path) => ({ path, port: name })),
  )
  assert.equal(manifestOf('Service').spec.ports[0].targetPort, name)
  assert.equal(manifestOf('NetworkPolicy').spec.ingress[0].ports[0].port, name)
  assert.deepEqual(ingress, { name: manifestOf('Service').metadata.name, port: { name: 'http' } })
})

test('every selector finds the pods, and every volume is there', () => {
  const selectors = [
    deployment.spec.selector.matchLabels,
    manifestOf('Service').spec.selector,
    manifestOf('PodDisruptionBudget').spec.selector.matchLabels,
    manifestOf('NetworkPolicy').spec.podSelector.matchLabels,
    pod.topologySpreadConstraints?.[0]?.labelSelector?.matchLabels,
  ]
  const claim = manifestOf('PersistentVolumeClaim')

  for (const selector of selectors) assert.deepEqual(selector, labels)
  assert.deepEqual(
    container.volumeMounts?.map(({ name }) => name),
    pod.volumes?.map(({ name }) => name),
  )
  assert.equal(pod.volumes?.[0]?.persistentVolumeClaim?.claimName, claim.metadata.name)
  assert.deepEqual(claim.spec.accessModes, ['ReadWriteMany'])
})

test('the settings start a server in production, with the secret that the page tells to make', () => {
  const command = /create secret generic latchkey .*?^ *```$/ms.exec(pageAt('docs/containers.md'))
  const made = [...(command?.[0] ?? '').matchAll(/--from-file=(\w+)=/g)].map(([, key]) => key)
  const secretFiles = Object.fromEntries(
    (container.env ?? []).map(({ name, value }) => [name, value ?? '']),
  )
  const settings = Object.assign(
    {},
    ...[...manifestsOf('base'), ...patchesOf('example')].map(({ manifest }) => manifest.data),
  )
  const contents: Record<string, string> = {
    secret: hex(48),
    database_url: `mysql://latchkey:${hex(24)}@db.example.com:3306/latchkey?tls=on`,
    redis_url: `rediss://latchkey:${hex(24)}@redis.example.com:6379/0`,
  }

  const config = loadConfig(
    { NODE_ENV: 'production', ...settings, ...secretFiles },
    (path) => contents[path.replace('/run/secrets/latchkey/', '')] ?? '',
  )

  assert.equal(config.http.publicUrl.href, 'https://auth.example.com')
  assert.equal(
    new URL(config.http.publicUrl.href).hostname,
    manifestOf('Ingress').spec.rules[0].host,
  )
  assert.deepEqual(made.sort(), Object.keys(contents).sort())
  assert.equal(pod.volumes?.[2]?.secret?.secretName, 'latchkey')
  const kinds = manifests.map(({ manifest }) => manifest.kind)
  assert.ok(!kinds.includes('Secret'), 'no file has the values of secrets')
})

function kustomizationOf(folder: string): Kustomization {
  return parse(pageAt(`${FOLDER}/${folder}/kustomization.yaml`))
}

function manifestsOf(folder: string): { file: string; manifest: Manifest }[] {
  const files = kustomizationOf(folder).resources.filter((one) => one !== '../base')
  return files.map((one) => read(`${FOLDER}/${folder}/${one}`))
}

function patchesOf(folder: string): { file: string; manifest: Manifest }[] {
  return (kustomizationOf(folder).patches ?? []).map(({ path }) =>
    read(`${FOLDER}/${folder}/${path}`),
  )
}

function read(file: string): { file: string; manifest: Manifest } {
  return { file, manifest: parse(pageAt(file)) }
}

/** The only manifest of a kind. */
function manifestOf(kind: string): Manifest {
  const [found, ...more] = manifests.filter(({ manifest }) => manifest.kind === kind)
  assert.ok(found && more.length === 0, kind)
  return found.manifest
}

function identity({ apiVersion, kind, metadata }: Manifest): string {
  return `${apiVersion} ${kind} ${metadata.name}`
}

/** The file of kubernetes-models that knows a kind. */
function moduleOf({ apiVersion, kind }: Manifest): string {
  return resolve(`kubernetes-models/${apiVersion}/${kind}`)
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
