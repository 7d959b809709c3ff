// A process that does what a start does with the database, for tests that start several at once.
import { openDatabase } from '../src/platform/database.ts'

const database = await openDatabase({ url: process.argv[2] ?? '' })
process.stdout.write(JSON.stringify(await database.migrate()))
await database.close()
