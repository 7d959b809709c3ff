// runs once
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createLatchkey } from '../../client/src/index.ts'
import { exampleFolder, processesIn, runExample, startExample } from '../support/example.ts'

const PASSWORD = 'correct horse battery staple'

const { folder, remove } = exampleFolder()
after(remove)

test('npm run example has people, data and mails, and Ctrl-C leaves nothing behind', async () => {
  const example = await startExample({ folder })
  try {
    const page = await fetch(example.app)
    const ada = createLatchkey({ baseUrl: example.api })
    await ada.signIn({ username: 'ada', password: PASSWORD })
    const { data: dashboard } = await ada.api.GET('/dashboard')
    const { data: houses } = await ada.api.GET('/houses', { params: { query: { q: '海景' } } })
    const [house] = houses?.items.filter(({ ownerId }) => ownerId === ada.user?.id) ?? []
    const photos = await ada.call<{ items: unknown[] }>(`GET /houses/${house?.id}/photos`)

    assert.match(await page.text(), /<script type="module"/)
    assert.equal(ada.user?.emailVerified, true)
    assert.deepEqual(
      [dashboard?.notes, dashboard?.houses, photos.items.length],
      [27, 18, 3],
      JSON.stringify(dashboard),
    )
    assert.match(await mailTo(example.api, 'hedy@example.com'), /#purpose=verify_email/)
  } finally {
    assert.equal(await example.stop('SIGINT'), 0, example.output())
  }

  for (const origin of [example.app, example.api, example.provider])
    await assert.rejects(fetch(origin), TypeError)
  assert.deepEqual(await processesIn(folder), [])
})

test('npm run example keeps its data, and shows the code of the authenticator app', async () => {
  const example = await startExample({ folder })
  try {
    const code = await shownCode(example.provider)
    const grace = createLatchkey({ baseUrl: example.api })
    await grace.signIn({ username: 'grace', password: PASSWORD })
    const hedy = createLatchkey({ baseUrl: example.api })
    await hedy.signIn({ username: 'hedy', password: PASSWORD })
    const alan = createLatchkey({
      baseUrl: example.api,
      onStepUp: async () => ({ method: 'totp', code }),
    })
    await alan.signIn({ username: 'alan', password: PASSWORD })

    assert.equal(grace.user?.role, 'admin')
    assert.equal(hedy.user?.emailVerified, false)
    assert.equal(alan.user?.username, 'alan')
    assert.doesNotMatch(example.output(), /Making people and data/)
  } finally {
    await example.stop()
  }
})

test('npm run example -- --one-origin --build serves the built application and the API', async () => {
  const example = await startExample({
    folder,
    args: ['--one-origin', '--build'],
    env: { ACCESS_TOKEN_TTL: '90s' },
  })
  try {
    const page = await (await fetch(`${example.app}/a/page/of/it`)).text()
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1]
    const ada = createLatchkey({ baseUrl: example.api })
    await ada.signIn({ username: 'ada@example.com', password: PASSWORD })
    const [, claims = ''] = (await ada.accessToken())?.split('.') ?? []
    const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString())

    assert.equal((await fetch(`${example.app}${script}`)).status, 200, page)
    assert.equal(example.api, `${example.app}/api`)
    assert.equal(iss, example.api)
    assert.equal(exp - iat, 90, 'a setting of the environment')
  } finally {
    await example.stop()
  }
})

test('npm run example signs people in by its demo provider', async () => {
  const example = await startExample({ folder })
  try {
    const { headers } = await fetch(`${example.api}/providers`, {
      headers: { origin: example.app },
    })
    const returnTo = `${example.app}/`
    const begun = await fetch(`${example.api}/challenges`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: example.app },
      body: JSON.stringify({
        purpose: 'sign_in',
        provider: 'demo',
        codeChallenge: 'x'.repeat(43),
        returnTo,
      }),
    })
    const { url } = (await begun.json()) as { url: string }

    assert.equal(headers.get('access-control-allow-origin'), example.app)
    assert.equal(begun.status, 201)
    assert.match(await chosenAt(url, 'barbara', returnTo), /#/)
  } finally {
    await example.stop()
  }
})

test('npm run example ends with the process that is killed', async () => {
  const example = await startExample({ folder })

  await example.stop('SIGKILL')

  assert.deepEqual(await processesIn(folder), [])
})

test('npm run example names a port that is taken', async (t) => {
  const taken = createServer().listen(0, '::')
  t.after(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo

  const said = await runExample(['--port', String(port), '--data', folder])

  assert.deepEqual(said, {
    code: 1,
    output: `Port ${port} is taken by another program. Stop it, or choose another port: npm run example -- --port ${port + 1}\n`,
  })
})

test('npm run example -- --reset empties no folder that is not its own', async () => {
  const own = join(folder, 'photos-of-somebody')
  mkdirSync(own)
  writeFileSync(join(own, 'sea.jpg'), '')

  const said = await runExample([
    ...['--port', '0', '--api-port', '0', '--provider-port', '0'],
    '--reset',
    '--data',
    own,
  ])

  assert.deepEqual(said, {
    code: 1,
    output: `${own} has files that are not of an example. Choose another folder.\n`,
  })
})

/** The text of the newest mail to an address. */
async function mailTo(api: string, to: string): Promise<string> {
  const answer = await fetch(`${api}/outbox?to=${encodeURIComponent(to)}`)
  const { items } = (await answer.json()) as { items: { text: string }[] }
  return items[0]?.text ?? assert.fail(`no mail to ${to}`)
}

async function shownCode(provider: string): Promise<string> {
  const page = await (await fetch(`${provider}/`)).text()
  return /<output>(\d{6})<\/output>/.exec(page)?.[1] ?? assert.fail(page)
}

/** A browser at the provider, which chooses who it is. @returns where it is sent in the end */
async function chosenAt(start: string, person: string, returnTo: string): Promise<string> {
  const cookies = new Map<string, string>()
  let url = new URL(start)
  for (let steps = 0; steps < 10; steps++) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location?.startsWith(returnTo)) return location
    const link = `?as=${person}`
    if (location === null) assert.ok((await answer.text()).includes(`"${link}"`))
    url = new URL(location ?? link, url)
  }
  return assert.fail(`the provider does not send the browser back from ${start}`)
}
