import { onOrOff } from './readers.ts'
import { setting } from './setting.ts'

/** Settings of the tables. */
export const migrationSettings = {
  atStart: setting('MIGRATE', {
    default: 'on',
    read: onOrOff,
    description:
      'With `on`, a start applies missing [migrations](databases.md#migrations). With `off` it changes no table and needs no right to: it reads which migrations are applied, and stops where one is missing; `npm run cli -- migrate` applies them.',
  }),
  foreignKeys: setting('FOREIGN_KEYS', {
    default: 'on',
    read: onOrOff,
    description:
      '`off` makes the tables of MySQL without foreign keys, for engines that lack them ([databases.md](databases.md#without-foreign-keys)); Prisma calls it `relationMode = "prisma"`. Choose before the first start: a database keeps what it was made with. Refused for SQLite.',
  }),
}
