import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { smtpUrl } from '../../src/config/smtp-url.ts'
import { createSmtpTransport } from '../../src/features/mail/smtp.ts'
import { openMail, QUICK_LIMITS, reset } from '../support/mail.ts'
import { smtpError, startListener, startRelay } from '../support/relay.ts'
import { until } from '../support/until.ts'

// A relay that fails in some way: the mail waits for the next attempt, and no attempt takes for
// ever.

const MESSAGE = { id: 'one', to: 'lyshark@example.com', subject: 's', text: 't', html: '<p>h</p>' }
const FROM = { name: '', address: 'no-reply@example.org' }

type Way = { url: string; tls?: 'required' | 'ifOffered' | 'none' }

async function send({ url, tls = 'none' }: Way) {
  const address = smtpUrl(url)
  assert.ok(address)
  const needs = { address, tls, from: FROM, clock: Date.now, limits: QUICK_LIMITS }
  const began = performance.now()
  const outcome = await createSmtpTransport(needs).send(MESSAGE, new AbortController().signal)
  const ms = performance.now() - began
  assert.ok(ms < 2000, `it took ${ms} ms`)
  return [outcome.kind, 'reason' in outcome ? outcome.reason : '']
}

/** A relay that speaks up to a word of the client. @param answers by the word */
function speaking(answers: Record<string, string | undefined>) {
  return (socket: Socket) => {
    socket.write('220 relay\r\n')
    socket.on('data', (chunk) => {
      const [word = ''] = chunk.toString().split(/[\s:]/, 1)
      const answer = answers[word] ?? (answers.other || undefined)
      if (answer === 'hang up') socket.destroy()
      else if (answer) socket.write(`${answer}\r\n`)
    })
  }
}

test('nothing listens: the mail waits', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  t.after(() => server.close())

  assert.deepEqual(await send({ url: `smtp://127.0.0.1:${port}` }), ['failed', 'ESOCKET CONN'])
})

test('a relay that never greets, or not in the middle of a word, is left', async (t) => {
  const silent = await startListener(t, () => undefined)
  const half = await startListener(t, (socket) => void socket.write('22'))

  assert.deepEqual(await send(silent), ['failed', 'ETIMEDOUT CONN'])
  assert.deepEqual(await send(half), ['failed', 'ETIMEDOUT CONN'])
})

test('a relay that hangs after DATA is left', async (t) => {
  const hanging = await startListener(
    t,
    speaking({ EHLO: '250 relay', MAIL: '250 ok', RCPT: '250 ok', DATA: '354 go on' }),
  )

  assert.deepEqual(await send(hanging), ['failed', 'ETIMEDOUT CONN'])
})

test('a relay that drips its answers for ever is left after the whole time', async (t) => {
  const dripping = await startListener(t, (socket) => {
    socket.write('220 relay\r\n')
    const timer = setInterval(() => socket.write('250-x\r\n'), 50)
    socket.on('close', () => clearInterval(timer))
  })

  assert.deepEqual(await send(dripping), ['failed', 'EABORT'])
})

test('a relay that hangs up after the dot may have the mail: the same Message-ID comes again', async (t) => {
  const ids: (string | undefined)[] = []
  const dropping = await startRelay(t, {
    atEnd: ({ mail }) => {
      ids.push(mail.messageId)
      return ids.length === 1 ? new Promise(() => undefined) : undefined
    },
    closeTimeout: 10,
  })
  const { queue, rows, clock, mail } = await openMail(t, {
    relay: dropping.url,
    limits: QUICK_LIMITS,
  })

  await queue(reset(clock))
  await until(async () => mail.isFailing() && (await rows())[0]?.claimedUntil === null)
  clock.advance(5)
  await mail.send?.()
  await until(async () => (await rows()).length === 0)

  assert.deepEqual(ids, [ids[0], ids[0]])
})

test('a connection that is cut off after the dot fails, and nothing else', async (t) => {
  const cutting = await startListener(
    t,
    speaking({
      ...{ EHLO: '250 relay', MAIL: '250 ok', RCPT: '250 ok', DATA: '354 go on' },
      other: 'hang up',
    }),
  )

  assert.deepEqual(await send(cutting), ['failed', 'ECONNECTION CONN'])
})

test('a relay that refuses us does not refuse the mail', async (t) => {
  const busy = await startListener(t, (socket) => void socket.end('554 no service\r\n'))
  const relay = await startRelay(t, {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(smtpError(535, '5.7.8 wrong password')),
  })
  const noSender = await startListener(
    t,
    speaking({ EHLO: '250 relay', MAIL: '550 5.7.1 not your address' }),
  )

  assert.deepEqual(await send(busy), ['failed', 'EPROTOCOL CONN 554'])
  assert.deepEqual(await send({ url: `smtp://u:p@127.0.0.1:${relay.port}` }), [
    'failed',
    'EAUTH AUTH PLAIN 535 5.7.8',
  ])
  assert.deepEqual(await send(noSender), ['failed', 'EENVELOPE MAIL FROM 550 5.7.1'])
})

test('a permanent refusal of a recipient or a message ends the mail, a temporary one delays it', async (t) => {
  const at = (code: number) => startRelay(t, { atRecipient: () => smtpError(code, '4.2.1 x') })
  const refusing = await startRelay(t, { atEnd: () => smtpError(554, '5.7.1 spam') })

  assert.deepEqual(await send(await at(450)), ['failed', 'EENVELOPE RCPT TO 450 4.2.1'])
  assert.deepEqual(await send(await at(550)), ['refused', 'EENVELOPE RCPT TO 550 4.2.1'])
  assert.deepEqual(await send(refusing), ['refused', 'EMESSAGE DATA 554 5.7.1'])
})

test('a relay without STARTTLS gets nothing where encryption is required', async (t) => {
  const plain = await startRelay(t)
  const forged = await startRelay(t, { disabledCommands: [] })

  const [kind] = await send({ url: plain.url, tls: 'required' })
  const [wrong] = await send({ url: forged.url, tls: 'required' })

  assert.deepEqual([kind, wrong], ['failed', 'failed'])
  assert.deepEqual([plain.taken, forged.taken], [[], []])
  assert.deepEqual(await send({ url: plain.url, tls: 'ifOffered' }), ['sent', ''])
})

test('a mail is cut off when the server stops, and is due at once for the next one', async (t) => {
  const silent = await startListener(t, () => undefined)
  const limits = { connectMs: 9000, greetingMs: 9000, silenceMs: 9000, allMs: 9000 }
  const { queue, rows, clock, mail } = await openMail(t, { relay: silent.url, limits })
  await queue(reset(clock))
  await until(() => silent.connections() === 1)

  const began = performance.now()
  await mail.close()

  assert.ok(performance.now() - began < 3500)
  const [row] = await rows()
  assert.deepEqual([row?.claimedUntil, row?.dueAt.getTime()], [null, clock()])
})
