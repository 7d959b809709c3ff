import type { Services } from '../../services.ts'
import { checkedAddress } from '../checked.ts'
import { withServices } from '../server.ts'
import { type Given, type Group, type Result, UsageError, type Word } from '../word.ts'

type Listed = Awaited<ReturnType<Services['mail']['outbox']['list']>>

const outbox: Word = {
  usage: 'outbox [what] [id]',
  oldUsage: 'outbox [what] [id]',
  about: 'list the mails that wait to be sent, oldest first; retry them, or drop one',
  choices: { what: ['list', 'retry', 'drop'] },
  examples: ['mail outbox', 'mail outbox retry', 'mail outbox drop 0199f3c2-…'],
  run: async (given) => {
    const [what = 'list', id] = given.args
    if (what === 'drop' && id === undefined) throw new UsageError('Name the mail to drop.')
    if (what === 'list' && id !== undefined) throw new UsageError('The list needs no id.')
    return withServices(given, ({ mail: { outbox: waiting } }) => act(waiting, what, given))
  },
}

async function act(
  waiting: Services['mail']['outbox'],
  what: string,
  given: Given,
): Promise<Result> {
  const [, id] = given.args
  if (what === 'list') {
    const items = await waiting.list()
    return { text: listText(items), json: { items } }
  }
  if (what === 'retry') {
    const due = await waiting.retry(id)
    return { text: `Mails that are due now: ${due}.`, json: { due } }
  }
  return drop(waiting, id ?? '', given)
}

/** Looks before it asks, so that nobody confirms a mistyped id. */
async function drop(
  waiting: Services['mail']['outbox'],
  id: string,
  { confirm, isOldName }: Given,
): Promise<Result> {
  const found = await waiting.find(id)
  if (found) await confirm({ text: `This deletes one mail: ${found.kind} for ${found.address}.` })
  if (found && (await waiting.drop(id))) return { text: `${id} is deleted.`, json: { id } }
  const text = 'There is no such mail.'
  if (isOldName) return { text, json: { id: null } }
  const { NotFound } = await import('../../platform/errors/table.ts')
  throw NotFound({ detail: text })
}

function listText(items: Listed): string {
  const lines = items.map(({ id, kind, address, attempts, dueAt, expiresAt }) =>
    [
      ...[id, kind, address, `attempts: ${attempts}`],
      ...[`due: ${dueAt.toISOString()}`, `expires: ${expiresAt.toISOString()}`],
    ].join('  '),
  )
  return lines.join('\n') || 'No mail waits to be sent.'
}

const test: Word = {
  usage: 'test <address>',
  oldUsage: 'test-mail <address>',
  about: 'send a mail there, and say what the relay answers',
  examples: ['mail test you@example.org'],
  run: async (given) => {
    const address = await checkedAddress(given.args[0])
    return withServices(given, async ({ mail: sender }) => {
      const outcome = await sender.test(address)
      if (outcome?.kind === 'sent') return sentTo(address, outcome.file, given)
      throw new Error(outcome?.full ?? 'SMTP_URL is not set, so the server sends no mails.')
    })
  },
}

function sentTo(address: string, file: string | undefined, { isOldName }: Given): Result {
  const isTold = file !== undefined && !isOldName
  const where = isTold ? `lies in ${file}: SMTP_URL is not set.` : 'is handed over.'
  const text = `A test mail for ${address} ${where}`
  return { text, json: { sent: address, ...(isTold ? { file } : {}) } }
}

/** The outbox and the relay. */
export const mail: Group = {
  name: 'mail',
  about: 'mails that wait, and the relay',
  words: [outbox, test],
}
