// Writes docs/settings.md from the table of settings, so that the page cannot drift from the code.
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { settings } from '../src/config-settings.ts'

const PAGE = new URL('../docs/settings.md', import.meta.url)

const INTRODUCTION = `# Settings

<!-- Written by "npm run docs:settings" from src/config-settings.ts; change it there. -->

Latchkey reads its settings from the environment; in development also from a file \`.env\` (\`.env.example\` is a
start), where the environment wins. Every setting has a default that works on one machine, so none is needed to try it.

A setting that is wrong stops the start, and the message names every one that is, with the cure. An empty value is
wrong too, unless the default below is "none". In production (\`NODE_ENV=production\`) \`PUBLIC_URL\` and \`SECRET\` must
be given.

A setting marked "or file" holds a secret. It may also come from a file whose path stands in the same name with
\`_FILE\` at the end (\`SECRET_FILE=/run/secrets/secret\`); a line end at the end of the file does not count. Giving both is
an error.
`

/** The whole page as Markdown. */
export function settingsPage(): string {
  const rows = Object.entries(settings).map(
    ([name, { meaning, standard, otherwise, isSecret }]) =>
      `| \`${name}\`${isSecret ? ' or file' : ''} | ${showDefault(standard, otherwise)} | ${meaning} |`,
  )
  const table = ['| name | default | meaning |', '|---|---|---|', ...rows]
  return `${INTRODUCTION}\n${table.join('\n')}\n`
}

function showDefault(standard?: string, otherwise?: string): string {
  if (otherwise !== undefined) return otherwise
  return standard === undefined || standard === '' ? 'none' : `\`${standard}\``
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(PAGE, settingsPage())
}
