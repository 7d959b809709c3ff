// The statements of a refresh through libsql alone, in commits that are as durable as Latchkey's.
// Its argument is JSON: {"folder", "seconds", "inFlight", "migrations"}
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { ADD_SESSION, ADD_USER, invent, migrationsIn, READ, ROTATE, rotation } from './refresh.mjs'

const { folder, seconds, inFlight, migrations } = JSON.parse(process.argv[2])
const file = join(folder, 'ceiling.db')
for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true })

const db = new Database(file)
db.exec('PRAGMA journal_mode = WAL')
db.exec('PRAGMA synchronous = FULL')
for (const sql of migrationsIn(migrations)) db.exec(sql)

const sessions = Array.from({ length: inFlight }, () => {
  const { user, session, sessionId } = invent(timeOf)
  db.prepare(ADD_USER).run(...user)
  db.prepare(ADD_SESSION).run(...session)
  return sessionId
})
const read = db.prepare(READ)
const rotate = db.prepare(ROTATE)

// The driver is synchronous: whatever is in flight waits in line.
lap(seconds * 100)
console.log(JSON.stringify({ perSecond: lap(seconds * 1000) }))
db.close()

function lap(ms) {
  const startedAt = performance.now()
  let count = 0
  while (performance.now() < startedAt + ms) {
    const row = read.get(sessions[count % inFlight])
    const { changes } = rotate.run(...rotation(row, timeOf))
    if (changes !== 1) throw new Error('a rotation changed no row')
    count += 1
  }
  return count / ((performance.now() - startedAt) / 1000)
}

function timeOf(date) {
  return date.toISOString()
}
