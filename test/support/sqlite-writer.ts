// A process that writes to a SQLite file until it is killed, and says which writes were
// acknowledged.
import { aSession, aUser, openAt } from './databases.ts'

const { client } = await openAt(process.argv[2] ?? '')
for (;;) {
  const user = aUser()
  await client.$transaction(async (tx) => {
    await tx.user.create({ data: user })
    await tx.session.create({ data: aSession(user.id) })
  })
  process.stdout.write(`${user.id}\n`)
}
