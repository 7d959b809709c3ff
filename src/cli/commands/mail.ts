import type { Services } from '../../services.ts'
import { withServices } from '../server.ts'
import { type Given, type Group, type Result, UsageError, type Word } from '../word.ts'

type Listed = Awaited<ReturnType<Services['mail']['outbox']['list']>>

const outbox: Word = {
  usage: 'outbox [what] [id]',
  oldUsage: 'outbox [what] [id]',
  about: 'list the mails that wait to be sent, oldest first; retry them, or drop one',
  choices: { what: ['list', 'retry', 'drop'] },
  examples: ['mail outbox', 'mail outbox retry', 'mail outbox drop 0199f3c2-…'],
  question: ({ args: [what, id] }) =>
    what === 'drop' && id !== undefined ? { text: `This deletes the mail ${id}.` } : undefined,
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
  { args, isOldName }: Given,
): Promise<Result> {
  const [, id = ''] = args
  if (what === 'list') {
    const items = await waiting.list()
    return { text: listText(items), json: { items } }
  }
  if (what === 'retry') {
    const due = await waiting.retry(args[1])
    return { text: `Mails that are due now: ${due}.`, json: { due } }
  }
  if (await waiting.drop(id)) return { text: `${id} is deleted.`, json: { id } }
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
  run: (given) =>
    withServices(given, async ({ mail: sender }) => {
      const [address = ''] = given.args
      const outcome = await sender.test(address)
      if (outcome?.kind === 'sent')
        return { text: `A test mail for ${address} is handed over.`, json: { sent: address } }
      throw new Error(outcome?.full ?? 'SMTP_URL is not set, so the server sends no mails.')
    }),
}

/** The outbox and the relay. */
export const mail: Group = {
  name: 'mail',
  about: 'mails that wait, and the relay',
  words: [outbox, test],
}
