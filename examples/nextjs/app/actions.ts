'use server'

import { redirect } from 'next/navigation'
import { currentVisit, keepCookies } from '../lib/visit'

export async function signIn(_before: string, form: FormData): Promise<string> {
  const visit = await currentVisit()
  const { problem } = await visit.signIn({
    username: form.get('username'),
    password: form.get('password'),
  })
  if (problem) return problem.detail
  await keepCookies(visit)
  redirect('/')
}

export async function signOut(): Promise<void> {
  const visit = await currentVisit()
  await visit.signOut({ local: true })
  await keepCookies(visit)
  redirect('/sign-in')
}
