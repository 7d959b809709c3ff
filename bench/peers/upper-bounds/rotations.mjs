// Rotates sessions in a loop with the bare driver, each by one read and one guarded write, and prints
// how many it does a second. Its argument is JSON:
// {"url": "mysql://…/database", "inFlight": 16, "seconds": 5}
import { createPool } from 'mariadb'

const CONNECTIONS = 10
const { url, inFlight, seconds } = JSON.parse(process.argv[2])
const { hostname, port, username, password, pathname } = new URL(url)
const pool = createPool({
  ...{ host: hostname, port: Number(port), user: username, password },
  ...{ database: pathname.slice(1), connectionLimit: CONNECTIONS, prepareCacheLength: 256 },
})

await pool.query('DROP TABLE IF EXISTS Rotation')
await pool.query(`CREATE TABLE Rotation (id INT PRIMARY KEY, generation INT NOT NULL,
  rotatedAt DATETIME(3) NOT NULL, expiresAt DATETIME(3) NOT NULL, userAgent VARCHAR(255) NOT NULL)`)
const now = () => new Date()
for (let id = 0; id < inFlight; id++) {
  const row = [id, 1, now(), now(), 'a program']
  await pool.execute('INSERT INTO Rotation VALUES (?, ?, ?, ?, ?)', row)
}

const startedAt = performance.now()
const endsAt = startedAt + seconds * 1000
let rotations = 0
await Promise.all(Array.from({ length: inFlight }, (_, id) => rotate(id)))
const perSecond = rotations / ((performance.now() - startedAt) / 1000)
await pool.end()
console.log(JSON.stringify({ perSecond }))

async function rotate(id) {
  while (performance.now() < endsAt) {
    const [{ generation }] = await pool.execute('SELECT * FROM Rotation WHERE id = ?', [id])
    await pool.execute(
      `UPDATE Rotation SET generation = generation + 1, rotatedAt = ?, expiresAt = ?
       WHERE id = ? AND generation = ?`,
      [now(), now(), id, generation],
    )
    rotations += 1
  }
}
