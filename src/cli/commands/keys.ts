import { OPERATOR } from '../../platform/actor.ts'
import { columns } from '../output.ts'
import { withServices } from '../server.ts'
import type { Group, Word } from '../word.ts'

const list: Word = {
  usage: 'list',
  about: 'list the signing keys: which one signs, which come next, which only verify',
  examples: ['keys list', 'keys list --json'],
  run: (given) =>
    withServices(given, async ({ keys: ring }) => {
      const items = await ring.list()
      const rows = items.map(({ kid, algorithm, signsFrom, state }) => [
        ...[kid, algorithm, `from: ${signsFrom}`, state],
      ])
      return { text: columns(rows), json: { items } }
    }),
}

const DISCARDS = 'This discards all signing keys: every access token becomes invalid.'

const rotate: Word = {
  usage: 'rotate',
  oldUsage: 'rotate-keys',
  about: 'start to use the next signing key within the hour',
  options: { '--now': 'discard all signing keys; clients must refresh their access tokens' },
  examples: ['keys rotate', 'keys rotate --now'],
  run: (given) =>
    withServices(given, async ({ keys: ring, administration }) => {
      if (given.options.now === true) {
        await given.confirm({ text: DISCARDS })
        await administration.replaceKeys(OPERATOR)
        const text = 'New keys are in use. Clients must refresh their access tokens.'
        return { text, json: { replaced: true } }
      }
      const signsFrom = new Date(await ring.rotate()).toISOString()
      return { text: `The next key signs from ${signsFrom}.`, json: { replaced: false, signsFrom } }
    }),
}

const reseal: Word = {
  usage: 'reseal',
  oldUsage: 'reseal',
  about: 'seal seeds of apps and the audit log with the newest secret, before an older one goes',
  examples: ['keys reseal'],
  run: (given) =>
    withServices(given, async ({ resealing }) => {
      const { sealed, lost, days, lostDays } = await resealing.all()
      if (lost > 0) throw new Error(`No secret in SECRET opens ${lost} of the seeds of apps.`)
      if (lostDays > 0) {
        throw new Error(`No secret in SECRET has sealed ${lostDays} days of the audit log.`)
      }
      const seeds = `All seeds of apps have the newest secret (${sealed} had another one).`
      const text = `${seeds}\nSo have all days of the audit log (${days} had another one).`
      return { text, json: { sealed, days } }
    }),
}

/** Signing keys, and what the master secret seals. */
export const keys: Group = { name: 'keys', about: 'signing keys', words: [list, rotate, reseal] }
