import { once } from 'node:events'
import type { Sender, SmtpAddress } from '../../config/smtp-url.ts'
import type { Clock } from '../../platform/clock.ts'
import { loadCode } from '../../platform/load-code.ts'
import { compose, type MailTransport, mailOptions, type Outcome } from './transport.ts'

/**
 * How long the steps of handing over one mail may take, in ms; the library would wait for minutes.
 */
export const SMTP_LIMITS = { connectMs: 5000, greetingMs: 5000, silenceMs: 10_000, allMs: 30_000 }

type Dependencies = {
  address: SmtpAddress
  /** `required` ends the connection where the relay cannot encrypt it. */
  tls: 'required' | 'ifOffered' | 'none'
  from: Sender
  clock: Clock
  limits?: typeof SMTP_LIMITS
}

/** Hands mails to a relay, one connection for each. Loads the library with the first one. */
export function createSmtpTransport(dependencies: Dependencies): MailTransport {
  const { from, clock, limits = SMTP_LIMITS } = dependencies
  let opening: ReturnType<typeof open> | undefined

  async function send(...[message, signal]: Parameters<MailTransport['send']>): Promise<Outcome> {
    try {
      opening ??= open({ ...dependencies, limits })
      const relay = await opening
      // Silence alone would let a relay drip its answers for ever.
      const ended = AbortSignal.any([signal, AbortSignal.timeout(limits.allMs)])
      await relay.sendMail({ ...mailOptions(message, from, new Date(clock())), signal: ended })
      return { kind: 'sent' }
    } catch (error) {
      return outcomeOf(error)
    }
  }

  /** Makes the mail, and signs in at the relay, which is most of the work. */
  async function rehearse(...[message, signal]: Parameters<MailTransport['send']>): Promise<void> {
    await compose(message, from, new Date(clock()))
    opening ??= open({ ...dependencies, limits })
    const relay = await opening
    const ended = AbortSignal.any([signal, AbortSignal.timeout(limits.allMs)])
    await Promise.race([relay.verify(), once(ended, 'abort')])
  }

  return { send, rehearse }
}

async function open({ address, tls, limits }: Dependencies & { limits: typeof SMTP_LIMITS }) {
  const { createTransport } = await loadCode(() => import('nodemailer'))
  const { host, port, isEncrypted, user, password } = address
  return createTransport({
    ...{ host, port, secure: isEncrypted },
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'none',
    ...(user === '' ? {} : { auth: { user, pass: password } }),
    connectionTimeout: limits.connectMs,
    greetingTimeout: limits.greetingMs,
    socketTimeout: limits.silenceMs,
    dnsTimeout: limits.connectMs,
  })
}

type SmtpError = { code: unknown; command: unknown; responseCode: unknown; response: unknown }

/** Answers to the recipient or the message that stay the same (RFC 5321 4.2.3). */
const REFUSALS = new Set([550, 551, 552, 553, 554])
const JUDGED = new Set(['RCPT TO', 'DATA'])
const ENHANCED = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/

/**
 * A refusal of the relay itself (sign-in, sender, policy at the start) does not refuse the mail.
 */
function outcomeOf(error: unknown): Outcome {
  const { code, command, responseCode, response } = Object(error) as Partial<SmtpError>
  const isJudged = JUDGED.has(String(command)) && REFUSALS.has(Number(responseCode))
  // Without any answer: the library does not take the address for one.
  const isNoAddress = code === 'EENVELOPE' && responseCode === undefined
  // Of an answer only numbers: a relay may repeat the mail, and with it the code.
  const [, enhanced] = ENHANCED.exec(String(response)) ?? []
  const parts = [code, command, responseCode, enhanced].filter((part) => part !== undefined)
  return {
    kind: isJudged || isNoAddress ? 'refused' : 'failed',
    reason: parts.join(' ') || 'unknown',
    full: error instanceof Error ? error.message : String(error),
  }
}
