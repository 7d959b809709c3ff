import { readFile } from 'node:fs/promises'
import { deriveMysqlSchema } from '../../scripts/generate.mjs'
import type { TestServer } from './helper.ts'
import { type Models, readModels } from './prisma-models.ts'

let models: Promise<Models> | undefined

/** How many rows name a row that does not exist, for each relation of the schema. */
export async function orphansIn({ database }: TestServer): Promise<Record<string, number>> {
  models ??= readFile(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8')
    .then(deriveMysqlSchema)
    .then(readModels)
  const counts: Record<string, number> = {}
  for (const { name, fields } of (await models).models) {
    for (const { relationFromFields = [], relationToFields = [], type } of fields) {
      const [column, key] = [relationFromFields[0], relationToFields[0]]
      if (column === undefined || key === undefined) continue
      const rows = await database.client.$queryRawUnsafe<{ n: bigint | number }[]>(
        `SELECT COUNT(*) AS n FROM \`${name}\` AS child WHERE child.\`${column}\` IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM \`${type}\` AS parent WHERE parent.\`${key}\` = child.\`${column}\`)`,
      )
      counts[`${name}.${column}`] = Number(rows[0]?.n)
    }
  }
  return counts
}

/** What `orphansIn` finds where there is none. */
export const NO_ORPHANS = {
  'Session.userId': 0,
  'Factor.userId': 0,
  'Identity.userId': 0,
  'RecoveryCode.factorId': 0,
  'House.ownerId': 0,
  'Note.ownerId': 0,
  'Photo.houseId': 0,
  'IdempotentRequest.userId': 0,
}
