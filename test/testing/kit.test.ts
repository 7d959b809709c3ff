// What a test gets from `latchkey/testing`, the same in its process and beside it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { TestLatchkey } from '../../src/testing/index.ts'
import { type Ends, endAll, endingWith, send, signIn, startKit } from '../support/kit.ts'

for (const process of [false, true]) {
  const where = process ? 'beside the test' : 'in the process of the test'

  describe(`latchkey/testing ${where}`, () => {
    let latchkey: TestLatchkey
    const ends: Ends = []
    before(async () => {
      latchkey = await startKit(endingWith(ends), { process })
    })
    after(() => endAll(ends))

    test('startLatchkey serves at a port of this machine with an empty database', async () => {
      assert.match(latchkey.url, /^http:\/\/localhost:\d+$/)
      assert.equal((await send(latchkey, 'GET /readyz')).status, 200)
      assert.deepEqual(await latchkey.mails(), [])
    })

    test('aUser makes people with names of their own, who sign in with their password', async () => {
      const [one, other] = [await latchkey.aUser(), await latchkey.aUser({ name: 'Grace' })]

      assert.notEqual(one.username, other.username)
      assert.deepEqual([one.role, one.name, other.name], ['user', null, 'Grace'])
      const { status, body } = await signIn(latchkey, one)
      assert.deepEqual([status, (body.user as { id: string }).id], [200, one.id])
      assert.deepEqual(await latchkey.mails(other), [], 'nothing is mailed to made-up people')
    })

    test('aUser takes wishes, and says when a name is taken', async () => {
      const wish = { username: 'ada', email: 'ada@example.org', password: 'a sentence of hers' }
      const ada = await latchkey.aUser({ ...wish, emailVerified: false })

      assert.deepEqual([ada.username, ada.email, ada.password], Object.values(wish))
      assert.equal((await signIn(latchkey, ada)).status, 200)
      const { body } = await send(
        latchkey,
        'GET /me',
        undefined,
        (await latchkey.signedIn(ada)).headers,
      )
      assert.equal(body.emailVerified, false)
      await assert.rejects(latchkey.aUser({ username: 'ADA' }), /username/i)
      const typo: object = { nmae: 'Ada' }
      await assert.rejects(latchkey.aUser(typo), /nmae/)
    })

    test('anAdmin may do what administrators do', async () => {
      const [admin, user] = [
        await latchkey.signedIn(await latchkey.anAdmin()),
        await latchkey.signedIn(),
      ]

      assert.equal((await admin.fetch('/admin/users')).status, 200)
      assert.equal((await user.fetch('/admin/users')).status, 403)
    })

    test('signedIn gives a session of either transport', async () => {
      const ada = await latchkey.signedIn({}, { transport: 'cookie' })
      const [cookie] = ada.cookies

      const headers = { cookie: `${cookie?.name}=${cookie?.value}`, origin: latchkey.url }
      const refreshed = await send(latchkey, 'POST /refresh', {}, headers)
      assert.equal(refreshed.status, 200, JSON.stringify(refreshed.body))
      const body = await latchkey.signedIn(ada.user)
      assert.deepEqual(body.cookies, [])
      const again = await send(latchkey, 'POST /refresh', { refresh_token: body.refreshToken })
      assert.equal(again.status, 200)
      assert.equal((await body.fetch('/me')).status, 200)
    })

    test('lastMail waits for a mail, and gives its code and its link', async () => {
      const ada = await latchkey.aUser()
      const ask = () =>
        send(latchkey, 'POST /challenges', { purpose: 'reset_password', login: ada.email })
      await ask()
      const first = await latchkey.lastMail(ada)
      const later = latchkey.lastMail(ada, { after: first })
      await ask()
      const { id, link = '', code } = await later

      assert.notEqual(id, first.id)
      const fields = new URLSearchParams(new URL(link).hash.slice(1))
      assert.equal(fields.get('purpose'), 'reset_password')
      assert.equal(fields.get('code'), code)
      const answer = await send(latchkey, 'POST /challenges/answer', {
        ...{ challenge: fields.get('challenge'), method: 'mail_code', code },
        ...{ newPassword: 'another sentence of hers' },
      })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      assert.equal((await latchkey.mails(ada.email)).length >= 2, true)
      await assert.rejects(latchkey.lastMail('nobody@example.com', { timeoutMs: 50 }), /50 ms/)
    })

    test('totpCode is what the app of a person shows, also after the clock was moved', async () => {
      const ada = await latchkey.aUser({ totp: true })

      assert.equal((await signIn(latchkey, ada)).status, 200)
      await latchkey.clock.advance('1h')
      assert.equal((await signIn(latchkey, ada)).status, 200)
      assert.notEqual(latchkey.totpCode(ada, 0), latchkey.totpCode(ada, 30_000))
      assert.equal(latchkey.totpCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', 59_000), '287082')
      assert.throws(() => latchkey.totpCode({}), /totp: true/)
    })

    test('a passkey of a person signs in, and one of a test is registered', async () => {
      const ada = await latchkey.signedIn({ passkey: true })
      type View = { token: string; passkey: object }

      const begun = (await send(latchkey, 'POST /challenges', { purpose: 'sign_in' })).body as View
      const credential = await ada.user.passkey?.get(begun.passkey)
      const given = { challenge: begun.token, method: 'passkey', credential }
      assert.equal((await send(latchkey, 'POST /challenges/answer', given)).status, 200)

      const adding = { purpose: 'add_passkey' }
      const { body } = await send(latchkey, 'POST /challenges', adding, ada.headers)
      const { token, passkey: options } = body as View
      const own = await latchkey.aPasskey()
      const made = { challenge: token, method: 'passkey', credential: await own.create(options) }
      const added = await send(latchkey, 'POST /challenges/answer', made, ada.headers)
      assert.equal(added.status, 201, JSON.stringify(added.body))
      await assert.rejects(own.create({}), /options/)
      await assert.rejects(own.get({ challenge: 'AA', rpId: 'example.org' }), /no credential/)
    })

    test('clock.advance ends access tokens, and takes no time without a unit', async () => {
      const ada = await latchkey.signedIn()
      const before = latchkey.clock.now()

      const now = await latchkey.clock.advance('16m')
      assert.ok(now - before >= 960_000 && now - before < 990_000)
      assert.ok(Math.abs(latchkey.clock.now() - now) < 5000)
      assert.equal((await ada.fetch('/me')).status, 401)
      const { refreshToken: refresh_token } = ada
      assert.equal((await send(latchkey, 'POST /refresh', { refresh_token })).status, 200)
      await assert.rejects(latchkey.clock.advance('16'), /has no unit; write for example 16s/)
      await assert.rejects(latchkey.clock.advance('soon'), /not a length of time/)
    })
  })
}
