// npm run example: the API, the browser application and a demo provider, with people and data.
import { fileURLToPath } from 'node:url'
import { stopWithNpm } from '../stop-with-npm.mjs'
import { runCli, startApi } from './api.ts'
import { serveApplication } from './application.ts'
import { deskPage } from './desk.ts'
import { keepMade, type Made, openFolder } from './folder.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { choosePlaces, type Places } from './places.ts'
import { sendPage, startProvider } from './provider.ts'
import { whatToTry } from './say.ts'
import { fill } from './seed.ts'
import { settingsFor, WHILE_FILLING } from './settings.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What has to be ended, last first. */
const endings: (() => Promise<unknown>)[] = []

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), ROOT)
  if (!options) return console.log(USAGE)
  await Promise.race([signalled(), run(options)])
  await endAll()
}

/** Resolves when the API has ended by itself. */
async function run(options: Options): Promise<void> {
  const places = await choosePlaces(options)
  const made = openFolder(options.folder, options.isReset) ?? (await makeData(options, places))
  const provider = await startProvider(places, (_request, response) =>
    sendPage(response, deskPage(places, made.totpUri)),
  )
  endings.push(provider.close)
  const api = await startApi({ folder: options.folder, env: settingsFor(places) })
  endings.push(api.stop, await serveApplication(places, options))
  console.log(whatToTry(places, made))
  await api.ended
}

/** With a server of its own, which lets one do more than the one that people see. */
async function makeData({ folder }: Options, places: Places): Promise<Made> {
  const env = { ...settingsFor(places), ...WHILE_FILLING, PUBLIC_URL: places.api }
  const api = await startApi({ folder, env })
  endings.push(api.stop)
  console.log('Making people and data (once) …')
  const promote = (username: string) => runCli({ folder, env }, ['user', 'role', username, 'admin'])
  const made = await fill({ api: places.api, promote })
  await api.stop()
  keepMade(folder, made)
  return made
}

/** Resolves at the first signal; the second one ends the process at once. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    let count = 0
    const onSignal = () => (count++ === 0 ? resolve() : process.exit(1))
    for (const signal of SIGNALS) process.on(signal, onSignal)
  })
}

async function endAll(): Promise<void> {
  for (const end of endings.reverse()) await end()
}

stopWithNpm()
try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  await endAll()
  process.exitCode = 1
}
process.exit()
