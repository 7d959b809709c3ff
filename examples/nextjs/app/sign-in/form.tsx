'use client'

import { useActionState } from 'react'
import { signIn } from '../actions'

export function SignInForm() {
  const [error, action] = useActionState(signIn, '')
  return (
    <form action={action}>
      <h1>Sign in</h1>
      <label>
        Username <input name="username" autoComplete="username" required />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit">Sign in</button>
      <p role="alert">{error}</p>
    </form>
  )
}
