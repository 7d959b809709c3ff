// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import { isConflict, isUnavailable } from '../../src/platform/database/database.ts'
import { condemnsConnection, refusesWrites } from '../../src/platform/database/errors.ts'

type Numbers = readonly (readonly [code: number, what: string, message?: string])[]
type Expected = { conflict: boolean; away: boolean; condemned: boolean; noWrites: boolean }

const nothing = { conflict: false, away: false, condemned: false, noWrites: false }
const unavailable = { ...nothing, away: true }

const table: Record<string, { expected: Expected; numbers: Numbers }> = {
  'is repeated': {
    expected: { ...unavailable, conflict: true },
    numbers: [
      [1020, 'a row changed since it was read'],
      [1213, 'deadlock; lost certification on Galera'],
      [3101, 'lost certification of Group Replication'],
      [9007, 'write conflict of TiDB'],
      [8002, 'write conflict of TiDB after SELECT … FOR UPDATE'],
      [8005, 'write conflict of TiDB'],
      [8022, 'COMMIT of TiDB undone'],
      [8028, 'tables changed beneath a transaction of TiDB'],
    ],
  },
  'is away': {
    expected: unavailable,
    numbers: [
      [-111, 'connection refused'],
      [1040, 'too many connections'],
      [1045, 'wrong password'],
      [1049, 'no such database'],
      [1105, 'Vitess without a tablet', 'target: db.-.primary: vttablet: rpc error'],
      [1129, 'address blocked'],
      [1205, 'lock wait timeout'],
      [1226, 'limit of the user'],
      [1317, 'statement interrupted'],
      [1461, 'too many prepared statements'],
      [1969, 'time limit of MariaDB'],
      [3024, 'time limit of MySQL'],
      [3098, 'refused by Group Replication'],
      [9001, 'TiDB without its placement driver'],
      [9002, 'TiKV silent'],
      [9003, 'TiKV busy'],
      [9005, 'region of TiDB unavailable'],
      [45_026, 'socket timeout of the driver'],
      [45_028, 'no connection from the pool'],
    ],
  },
  'is away and condemns its connection': {
    expected: { ...unavailable, condemned: true },
    numbers: [
      [1047, 'a node of Galera without a quorum'],
      [1053, 'shutting down'],
      [1927, 'connection killed'],
      [2013, 'connection lost'],
      [3032, 'offline mode'],
      [4031, 'idle for too long'],
    ],
  },
  'is away, condemns its connection and takes no writes': {
    expected: { ...unavailable, condemned: true, noWrites: true },
    numbers: [
      [1290, 'read-only'],
      [1792, 'read-only transaction'],
      [1836, 'read-only mode'],
      [3100, 'hook of Group Replication'],
    ],
  },
  'is away and takes no writes': {
    expected: { ...unavailable, noWrites: true },
    numbers: [
      [1021, 'disk full'],
      [1030, 'error of the storage engine'],
      [1114, 'table full'],
      [1044, 'no right to the database'],
      [1142, 'no right to the table'],
      [1143, 'no right to the column'],
      [1227, 'no such right'],
      [1370, 'no right to the routine'],
    ],
  },
  'is a bug of the server': {
    expected: nothing,
    numbers: [
      [1054, 'no such column'],
      [1062, 'duplicate'],
      [1064, 'syntax'],
      [1105, 'unknown error', 'something else'],
      [1146, 'no such table'],
      [1153, 'too large a packet'],
      [1406, 'too long a text'],
      [1452, 'no such parent'],
    ],
  },
}

for (const [verdict, { expected, numbers }] of Object.entries(table)) {
  for (const [code, what, message = what] of numbers) {
    test(`MySQL error ${code} (${what}) ${verdict}`, () => {
      // Prisma has names for some numbers, and keeps the number beside the name.
      const texts = { originalCode: String(code), originalMessage: message }
      const plain = new DriverAdapterError({
        ...{ ...texts, kind: 'mysql', code, message, state: 'HY000' },
      })
      const named = new DriverAdapterError({ ...texts, kind: 'InvalidInputValue', message })
      const wrapped = Object.assign(new Error('Prisma'), { meta: { driverAdapterError: plain } })

      for (const error of [plain, named, wrapped]) assert.deepEqual(verdictOn(error), expected)
    })
  }
}

for (const [code, what, expected] of [
  [8, 'READONLY', { ...unavailable, condemned: true, noWrites: true }],
  [1032, 'READONLY_DBMOVED', { ...unavailable, condemned: true, noWrites: true }],
  [13, 'FULL', { ...unavailable, noWrites: true }],
  [778, 'IOERR_WRITE', { ...unavailable, noWrites: true }],
  [14, 'CANTOPEN', unavailable],
  [15, 'PROTOCOL', unavailable],
  [1, 'ERROR', nothing],
  [19, 'CONSTRAINT', nothing],
] as const) {
  test(`SQLite error ${code} (${what}) is recognized`, () => {
    const error = new DriverAdapterError({ kind: 'sqlite', extendedCode: code, message: what })

    assert.deepEqual(verdictOn(error), expected)
  })
}

test('a bug in the program is not reported as a database error', () => {
  for (const error of [new TypeError('no'), undefined, { code: 1290 }]) {
    assert.deepEqual(verdictOn(error), nothing)
  }
})

function verdictOn(error: unknown): Expected {
  return {
    conflict: isConflict(error),
    away: isUnavailable(error),
    condemned: condemnsConnection(error),
    noWrites: refusesWrites(error),
  }
}
