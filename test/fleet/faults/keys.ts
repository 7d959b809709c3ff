import { randomBytes } from 'node:crypto'
import type { Fleet } from '../machines/fleet.ts'
import type { Fault } from './fault.ts'
import { restartAll } from './servers.ts'

export const discardedKeys: Fault = {
  name: 'discarded-keys',
  what: 'all signing keys are replaced at once (keys rotate --now)',
  isInShort: true,
  begin: ({ cli }) => cli('keys', 'rotate', '--now'),
}

export const nextKey: Fault = {
  name: 'next-key',
  what: 'the next signing key takes over at its date (keys rotate)',
  isInShort: false,
  async begin({ cli, database }) {
    await cli('keys', 'rotate')
    // The date is an hour ahead, for caches of other services.
    await database.run(
      `UPDATE latchkey_test.SigningKey SET signsFrom = UTC_TIMESTAMP(3) + INTERVAL 3 SECOND
        ORDER BY sequence DESC LIMIT 1`,
    )
  },
  lastsMs: () => 5000,
}

export const newSecret: Fault = {
  name: 'new-secret',
  what: 'the master secret is changed, by restarts with "old,new", with "new,old", and a reseal',
  isInShort: true,
  begin: changeSecret,
}

/** As docs/operating.md has it. */
async function changeSecret(fleet: Fleet): Promise<void> {
  const [first] = fleet.servers
  const old = first?.env.SECRET ?? ''
  const next = randomBytes(48).toString('base64url')
  for (const secret of [`${old},${next}`, `${next},${old}`]) {
    await restartAll(fleet, ({ env }) => {
      env.SECRET = secret
    })
  }
  await fleet.cli('keys', 'reseal')
}
