import Link from 'next/link'
import { currentVisit, requireUser } from '../../lib/visit'

type Session = { id: string; userAgent: string | null; ip: string | null; current: boolean }

export default async function Devices() {
  const visit = await currentVisit()
  const user = await requireUser(visit)
  const response = await visit.fetch('/sessions')
  const { items }: { items: Session[] } = await response.json()
  return (
    <main>
      <h1>Devices of {user.username}</h1>
      <ul>
        {items.map(({ id, userAgent, ip, current }) => (
          <li key={id}>
            {userAgent} at {ip} {current && '(this one)'}
          </li>
        ))}
      </ul>
      <Link href="/">Home</Link>
    </main>
  )
}
