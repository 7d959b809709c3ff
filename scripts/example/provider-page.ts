import { escapeHtml } from '../../src/platform/html.ts'
import { PROVIDER_PEOPLE } from './people.ts'

const STYLE = `:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } li { margin: .5rem 0 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid #8886; vertical-align: top }
code, output { font-family: ui-monospace, monospace } output { font-size: 2rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere }`

/** A page of the example, plain and without scripts. @param head what else its head has */
export function page(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="data:,"><style>${STYLE}</style>${head}</head>
<body><h1>${title}</h1>${body}</body>
</html>
`
}

/** Where one says who one is at the demo provider. */
export function providerPage(): string {
  const items = Object.entries(PROVIDER_PEOPLE).map(
    ([sub, { claims, about }]) =>
      `<li><a href="?as=${sub}">${escapeHtml(claims.name)}</a> ${escapeHtml(about)}</li>`,
  )
  const people = `<p>Who are you? No password is needed here.</p><ul>${items.join('')}</ul>`
  return page('Demo provider', `${people}<p><a href="?as=">Do not sign in</a></p>`)
}
