import * as OTPAuth from 'otpauth'
import { escapeHtml } from '../../src/platform/html.ts'
import { PASSWORD, PEOPLE, type Person } from './people.ts'
import type { Places } from './places.ts'
import { page } from './provider-page.ts'

const AGAIN_SECONDS = 5

/** What there is to open: addresses, and what each is for. */
export function addressesOf({ app, publicUrl, provider }: Places): [string, string][] {
  return [
    ['Application', `${app}/`],
    ['Mails', `${publicUrl}/outbox`],
    ['Administration', `${publicUrl}/admin`],
    ['Reference', `${publicUrl}/docs`],
    ['Codes of the authenticator app', `${provider}/`],
  ]
}

/** Everything that the terminal says, with the code that the app shows now. */
export function deskPage(places: Places, totpUri: string): string {
  const links = addressesOf(places).map(
    ([what, address]) => `<li>${what}: <a href="${address}">${address}</a></li>`,
  )
  const rows = PEOPLE.map(rowOf).join('')
  const code = OTPAuth.URI.parse(totpUri).generate()
  const body = `<ul>${links.join('')}</ul>
<h2>People</h2><p>The password of all: <code>${PASSWORD}</code></p><table>${rows}</table>
<h2>Alan's authenticator app</h2><output>${code}</output>
<p>This page asks again every ${AGAIN_SECONDS} seconds. Or add it to an app of your own:</p>
<pre>${escapeHtml(totpUri)}</pre>`
  return page('Latchkey example', body, `<meta http-equiv="refresh" content="${AGAIN_SECONDS}">`)
}

function rowOf({ username, email, about }: Person): string {
  return `<tr><th scope="row">${username}</th><td>${email}</td><td>${escapeHtml(about)}</td></tr>`
}
