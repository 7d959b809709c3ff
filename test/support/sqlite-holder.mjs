// Another process on a SQLite file: takes the write lock, says so, and lets it go when told.
import Database from 'libsql'

const database = new Database(process.argv[2], { timeout: 5000 })
database.exec('BEGIN IMMEDIATE')
database.exec(`UPDATE User SET name = 'of the other process'`)
process.stdout.write('locked\n')
process.stdin.once('data', () => {
  database.exec('ROLLBACK')
  process.exit(0)
})
