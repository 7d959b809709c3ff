// runs once
// The addresses that examples/spa is opened with: anybody may have made them.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { spaModule } from '../support/spa.ts'

type Addresses = {
  linkIn: (hash: string) => object | undefined
  pathAfterSignIn: (here: { origin: string; search: string }) => string
}

let spa: Addresses
before(async () => {
  spa = await spaModule('auth/mail/link.ts', 'auth/paths.ts')
})

test('a sign-in leads back to a page of the application, and to no other site', () => {
  const after = (next: string) => {
    const search = `?${new URLSearchParams({ next })}`
    return spa.pathAfterSignIn({ origin: 'https://app.example.com', search })
  }

  assert.equal(after('/houses?q=sea&page=2'), '/houses?q=sea&page=2')
  for (const wrong of [
    ...['', 'houses', '//evil.example', '/\\evil.example', '/\t/evil.example'],
    ...['https://evil.example/', 'javascript:alert(1)', '\\\\evil.example', '//'],
  ])
    assert.equal(after(wrong), '/dashboard', wrong)
})

test('the link of a mail is read whole, or not at all', () => {
  const whole = '#purpose=accept_invite&challenge=a-b_c&code=12345678'

  assert.deepEqual(spa.linkIn(whole), {
    purpose: 'accept_invite',
    challenge: 'a-b_c',
    code: '12345678',
  })
  for (const broken of ['', '#', whole.replace('accept_invite', 'sign_in'), whole.slice(0, -14)])
    assert.equal(spa.linkIn(broken), undefined, broken)
})
