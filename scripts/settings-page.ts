// Writes docs/settings.md from the table of settings.
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { type Setting, settingsIn } from '../src/config/setting.ts'
import { settingList } from '../src/config/settings.ts'
import { settingsOfProvider } from '../src/config/settings-providers.ts'

const PAGE = new URL('../docs/settings.md', import.meta.url)

const INTRODUCTION = `# Settings

<!-- Written by "npm run docs:settings" from src/config/settings.ts; change it there. -->

Latchkey reads its settings from the environment. In development it also reads a file \`.env\` (copy \`.env.example\` to
begin); the environment wins. Every setting has a default that works on one machine, so you need none to try it.

An invalid setting stops the start. The message names every invalid setting, with the fix. An empty value is invalid
too, unless the default below is "none". In production (\`NODE_ENV=production\`) you must set \`PUBLIC_URL\` and
\`SECRET\`.

A setting marked "or file" holds a secret. You may also put it into a file, and the path of the file into the same name
with \`_FILE\` at the end (\`SECRET_FILE=/run/secrets/secret\`). One line end at the end of the file is ignored. If both
are set, the server does not start.
`

/** The page as Markdown. */
export function settingsPage(): string {
  const rows = settingList
    .flatMap((setting) =>
      setting.name === 'OIDC_PROVIDERS'
        ? [setting, ...settingsIn(settingsOfProvider('<ID>'))]
        : [setting],
    )
    .map(rowOf)
  const table = ['| name | default | meaning |', '|---|---|---|', ...rows]
  return `${INTRODUCTION}\n${table.join('\n')}\n`
}

function rowOf(setting: Setting): string {
  const { name, isSecret, description } = setting
  return `| \`${name}\`${isSecret ? ' or file' : ''} | ${showDefault(setting)} | ${description} |`
}

function showDefault({ default: value, defaultNote }: Setting): string {
  if (typeof value !== 'object') return value ? `\`${value}\`` : (defaultNote ?? 'none')
  return `\`${value.production}\` in production, else \`${value.development}\``
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(PAGE, settingsPage())
}
