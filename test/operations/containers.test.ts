// runs once
import assert from 'node:assert/strict'
import { access, readFile } from 'node:fs/promises'
import { test } from 'node:test'

// What can be held of the Dockerfile without building it; scripts/image-dry-run does that.

const ROOT = new URL('../../', import.meta.url)

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

function text(name: string): Promise<string> {
  return readFile(new URL(name, ROOT), 'utf8')
}
