import { redirect } from 'next/navigation'
import { currentVisit } from '../../lib/visit'
import { SignInForm } from './form'

/** Asks Latchkey whether there is a session: a cookie alone says nothing, and could send the browser in a circle. */
export default async function SignIn() {
  const visit = await currentVisit()
  if (visit.state === 'signedIn' && (await visit.fetch('/me')).ok) redirect('/')
  return <SignInForm />
}
