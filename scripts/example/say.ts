import { addressesOf } from './desk.ts'
import type { Made } from './folder.ts'
import { PASSWORD, PEOPLE } from './people.ts'
import type { Places } from './places.ts'

/** What to try, for the terminal. */
export function whatToTry(places: Places, { totpUri }: Made): string {
  const addresses = columns(addressesOf(places))
  const people = columns(PEOPLE.map(({ username, about }) => [username, about]))
  const [application = '', outbox = '', admin = '', , codes = ''] = addressesOf(places).map(
    ([, address]) => address,
  )
  return `
${addresses}

People (the password of all: ${PASSWORD})
${people}

Try
  1. Open ${application} and sign in as ada.
  2. Create an account of your own: its mails are at ${outbox}.
  3. Sign in as alan: the second code is at ${codes}
     Or add it to an app: ${totpUri}
  4. Add a passkey, then sign out and sign in with it.
  5. Sign in with the demo provider.
  6. Edit one note in two tabs, and save both. Type something without a network.
  7. Sign in at ${admin} as grace.

Stop it with Ctrl-C. The data stay for the next start; "npm run example -- --reset" forgets them, and
"npm run example -- --help" lists what else there is.
`
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([first]) => first.length))
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`).join('\n')
}
