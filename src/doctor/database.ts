import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Config } from '../config/config.ts'
import { askMysqlState, type MysqlState } from '../platform/database/mysql/state.ts'
import { engineRemarks } from './engine.ts'
import type { Finding } from './rules.ts'

/** Types of file systems that lie on another machine, as Linux numbers them. */
const NETWORK: Record<number, string> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  12805120: 'Ceph',
  1397113167: 'AFS',
  16914839: '9P',
}

/** Looks at the database, if the settings name one that can be looked at; changes nothing. */
export async function examineDatabase(config: Config, patienceMs: number): Promise<Finding[]> {
  const { database: address, workers } = config
  if (address.kind === 'sqlite') return await fileFindings(address.path)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), patienceMs)
  })
  try {
    const state = await Promise.race([askMysqlState(address, patienceMs), late])
    return [mysqlFinding(state, workers)]
  } catch (error) {
    return [unreachable(error)]
  } finally {
    clearTimeout(timer)
  }
}

/** What the answers of a server mean for a service with so many workers. */
export function mysqlFinding(state: MysqlState, workers: number): Finding {
  const remarks = engineRemarks(state, workers)
  const has = (verdict: Finding['verdict']) => remarks.some((one) => one.verdict === verdict)
  return {
    rule: 'database',
    verdict: has('no') ? 'no' : has('note') ? 'note' : 'ok',
    text: `The database is ${nameOf(state)}.`,
    lines: remarks.map(({ text }) => text),
  }
}

function nameOf({ values: { version = '?', version_comment: comment = '' } }: MysqlState): string {
  return [version, comment]
    .join(' ')
    .replace(/[^\x20-\x7e]/g, '?')
    .trim()
}

/** Only the driver's code: its message may repeat the address. */
function unreachable(error: unknown): Finding {
  const { code = 'no answer in time' } = error as { code?: string }
  const lines = [`${code}; check DATABASE_URL, the firewall and the user`]
  return { rule: 'database', verdict: 'note', text: 'The database does not answer.', lines }
}

async function fileFindings(path: string): Promise<Finding[]> {
  const name = await networkOf(dirname(path))
  if (name === undefined) return []
  const text = `The file of the database lies on a network file system (${name}).`
  const lines = ['SQLite can lose data there: move it to a local disk, or use MySQL or MariaDB']
  return [{ rule: 'database', verdict: 'no', text, lines }]
}

async function networkOf(folder: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const { type } = await statfs(folder).catch(() => ({ type: 0 }))
  return NETWORK[type >>> 0]
}
