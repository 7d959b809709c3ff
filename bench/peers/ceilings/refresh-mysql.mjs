// The statements of a refresh through the mariadb driver alone, against the server of DATABASE_URL.
// Its argument is JSON: {"seconds", "inFlight", "migrations"}
import mariadb from 'mariadb'
import {
  ADD_SESSION,
  ADD_USER,
  invent,
  measure,
  migrationsIn,
  READ,
  ROTATE,
  rotation,
} from './refresh.mjs'

const { seconds, inFlight, migrations } = JSON.parse(process.argv[2])
const { hostname, port, username, password, pathname } = new URL(process.env.DATABASE_URL)
const server = {
  host: hostname,
  port: Number(port || 3306),
  user: decodeURIComponent(username),
  password: decodeURIComponent(password),
  database: pathname.slice(1),
  timezone: 'Z',
}

const setUp = await mariadb.createConnection({ ...server, multipleStatements: true })
const [existing] = await setUp.query("SHOW TABLES LIKE 'Session'")
if (!existing) for (const sql of migrationsIn(migrations)) await setUp.query(sql)
await setUp.end()

const pool = mariadb.createPool({ ...server, connectionLimit: 10 })
const sessions = []
for (let number = 0; number < inFlight; number++) {
  const { user, session, sessionId } = invent(timeOf)
  await pool.execute(ADD_USER, user)
  await pool.execute(ADD_SESSION, session)
  sessions.push(sessionId)
}

await measure({ inFlight, seconds }, async (number) => {
  const [row] = await pool.execute(READ, [sessions[number]])
  const { affectedRows } = await pool.execute(ROTATE, rotation(row, timeOf))
  if (affectedRows !== 1) throw new Error('a rotation changed no row')
})
await pool.end()

function timeOf(date) {
  return date
}
