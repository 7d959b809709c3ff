// Writes docs/command-line.md from the help of the command line.
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { COMMANDS } from '../src/cli/commands.ts'
import { runCli } from '../src/cli/program.ts'
import type { Group, Word } from '../src/cli/word.ts'

const PAGE = new URL('../docs/command-line.md', import.meta.url)

const INTRODUCTION = `# Command line

<!-- Written by "npm run docs:commands" from scripts/command-line-page.ts and src/cli; change it there. -->

\`latchkey\` is for operators: accounts, events, keys, mails, migrations, backups. It reads the settings of the server, opens its
database, and works while the server runs; the servers follow within two seconds. Anyone who may read the settings may
do everything.

| where | how it is called |
|---|---|
| in a clone | \`npm run cli -- user show lyshark\`, which builds what has changed; after a build \`npx latchkey user show lyshark\` |
| in the container | \`docker compose exec server-1 node /app/dist/cli.js user show lyshark\` |
| behind systemd | [operating.md](operating.md#command-line) |

Settings come from the environment and, outside production, from \`.env\` in the present folder. Where the SQLite file
that they name does not exist, only \`serve\` and \`migrate\` make one; other commands stop and say where to run them.
Commands that open a database say on standard error which one, without its user and password:

\`\`\`text
Database: SQLite file ./data/latchkey.db
\`\`\`

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | not done: there is no such account, the answer was no, the database cannot be reached |
| 2 | called wrongly: an unknown word, a missing argument, nobody can answer a question. The message names the nearest right word. |

**\`--json\`** prints one JSON document on standard output. An error is one line of JSON, the last on standard error:
\`{"code":"not_found","detail":"There is no account with this name."}\`. The codes are those of the API; \`wrong_usage\` goes
with exit code 2, and \`failed\` is everything that has no code of its own. npm prints two lines before the document:
where a program reads it, write \`npm run -s cli -- user list --json | jq\` or \`npx latchkey user list --json | jq\`.

**Questions.** A command that destroys asks, once it has found what it destroys: \`user delete\`, \`user remove-factors\`,
\`user end-sessions --everybody\`, \`keys rotate --now\`, \`mail outbox drop\`. \`--yes\` answers. Where nobody can answer, as in
a script, it does nothing without \`--yes\`.

**Nothing to do.** \`user remove-factors\` of an account without factors asks nothing, changes nothing and sends no mail.
It says so, with exit code 0 (\`"changed":false\`).

**Secrets** are never arguments, since other users of the machine can see those, and no command prints one.
`

/** The page as Markdown. */
export async function commandLinePage(): Promise<string> {
  const sections = []
  for (const entry of COMMANDS) {
    const [group, words] = 'words' in entry ? [[entry.name], entry.words] : [[], [entry]]
    sections.push(`\n## latchkey ${titleOf(entry)}\n`)
    const paths = words.map(({ usage }) => [...group, usage.split(' ')[0] ?? ''])
    for (const path of group.length > 0 ? [group, ...paths] : paths) {
      sections.push(`\n\`\`\`text\n${(await helpOf(path)).trimEnd()}\n\`\`\`\n`)
    }
  }
  const all = `\n## All commands\n\n\`\`\`text\n${await helpOf([])}\`\`\`\n`
  return [INTRODUCTION, olderNames(), all, ...sections].join('')
}

const titleOf = (entry: Group | Word) => ('words' in entry ? entry.name : entry.usage.split(' ')[0])

function olderNames(): string {
  const rows = COMMANDS.flatMap((entry) =>
    'words' in entry
      ? entry.words.flatMap(({ usage, oldUsage }) =>
          oldUsage ? [`| \`${oldUsage}\` | \`${entry.name} ${usage}\` |`] : [],
        )
      : [],
  )
  const about =
    '\n## Older names\n\nOlder names still work. For the scripts that use them they ask nothing, and print what they always did.'
  return [about, '', '| older name | name |', '|---|---|', ...rows, ''].join('\n')
}

async function helpOf(path: string[]): Promise<string> {
  let text = ''
  const print = (part: string) => {
    text += part
  }
  await runCli([...path, '--help'], { env: {}, out: print, err: print })
  return text
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(PAGE, await commandLinePage())
}
