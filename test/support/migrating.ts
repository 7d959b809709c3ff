// A process that does what a start does with the database, for tests that start several at once.
import { openAt } from './databases.ts'

const database = await openAt(process.argv[2] ?? '')
process.stdout.write(JSON.stringify(await database.migrate()))
await database.close()
