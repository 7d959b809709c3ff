import assert from 'node:assert/strict'
import { test } from 'node:test'
import { domainToASCII, domainToUnicode } from 'node:url'
import { call } from '../support/answers.ts'
import { PASSWORD } from '../support/factories.ts'
import { startServer, uniqueName } from '../support/helper.ts'
import { openMail } from '../support/mail.ts'
import { startRelay } from '../support/relay.ts'
import { until } from '../support/until.ts'

// Whoever chooses an address chooses one recipient, and no other header or command.

const REFUSED = [
  'a@example.com,b@example.com',
  'a@example.com;b@example.com',
  'a@example.com b@example.com',
  'a@example.com\r\nBcc: b@example.com',
  'a\r\n@example.com',
  'a@example.com\nRCPT TO:<b@example.com>',
  'a@example.com>\r\nRCPT TO:<b@example.com',
  '"a b"@example.com',
  '"a@example.com"@example.org',
  '"a\\"b"@example.com',
  'Somebody <a@example.com>',
  '<a@example.com>',
  'a@[127.0.0.1]',
  'a@[IPv6:::1]',
  'a@127.0.0.1',
  'a(comment)@example.com',
  'a@example.com(comment)',
  'group: a@example.com;',
  'a@b@example.com',
  'a@example.com%0d%0aBcc:b',
  'a\0@example.com',
]

const TAKEN = [
  'lyshark+tag@example.com',
  "o'neil@example.com",
  '!#$%&*/=?^_`{|}~-@example.com',
  'host!user%other@example.com',
  'lyshark@münchen.example',
  'lyshark@xn--mnchen-3ya.example',
  'LyShark@Example.COM',
]

test('an address that is more or other than one recipient is 400', async (t) => {
  const server = await startServer(t)

  for (const email of REFUSED) {
    const body = { username: uniqueName(), email, password: PASSWORD }
    const answer = await call(server, 'POST /register', body)

    assert.equal(answer.statusCode, 400, JSON.stringify(email))
    const { errors } = answer.json<{ errors: { pointer: string }[] }>()
    assert.deepEqual(
      errors.map(({ pointer }) => pointer),
      ['/email'],
      JSON.stringify(email),
    )
  }
})

test('an address that registration takes is one recipient of one mail, at its own domain', async (t) => {
  const server = await startServer(t)
  const { url: relay, taken } = await startRelay(t)
  const { queue, rows } = await openMail(t, { relay })

  for (const email of TAKEN) {
    const body = { username: uniqueName(), email, password: PASSWORD }
    const answer = await call(server, 'POST /register', body)
    // The two spellings of one domain are one address.
    assert.ok([201, 409].includes(answer.statusCode), `${email} ${answer.body}`)
    await queue({ kind: 'password_changed', address: email })
  }
  await until(async () => (await rows()).length === 0)

  // The relay of these tests shows domains in Unicode; the header is as it was sent, in ASCII.
  const spelled = (address: string, spell: (domain: string) => string) => {
    const at = address.lastIndexOf('@') + 1
    return address.slice(0, at) + spell(domainToASCII(address.slice(at)))
  }
  assert.deepEqual(
    taken.map(({ to }) => to).sort(),
    TAKEN.map((one) => [spelled(one, domainToUnicode)]).sort(),
  )
  assert.deepEqual(
    taken.map(({ raw }) => /^To: (.*)\r$/m.exec(raw)?.[1]).sort(),
    TAKEN.map((one) => spelled(one, (domain) => domain)).sort(),
  )
  for (const { mail } of taken) {
    assert.deepEqual([mail.cc, mail.bcc], [undefined, undefined])
    assert.equal(Array.isArray(mail.to) ? 0 : mail.to?.value.length, 1)
  }
})
