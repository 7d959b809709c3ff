import Link from 'next/link'
import { currentVisit, requireUser } from '../lib/visit'
import { signOut } from './actions'

export default async function Home() {
  const user = await requireUser(await currentVisit())
  return (
    <main>
      <h1>Signed in as {user.username}</h1>
      <Link href="/devices">Devices</Link>
      <form action={signOut}>
        <button type="submit">Sign out</button>
      </form>
    </main>
  )
}
