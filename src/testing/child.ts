import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { extname } from 'node:path'
import { createKit } from './kit.ts'
import { createRemote } from './remote.ts'
import type { StartOptions, TestLatchkey } from './types.ts'

const FROM_SOURCES = extname(import.meta.url) === '.ts'
const PROGRAM = new URL(`../cli${extname(import.meta.url)}`, import.meta.url)
const STOP_MS = 5000

/** Starts `latchkey dev-server`, which ends with this process, and uses its control port. */
export async function startChild({
  settings = {},
  features,
  port = 0,
}: StartOptions): Promise<TestLatchkey> {
  if (features) throw new Error('features: a server that is a process has those of the product.')
  const { DATABASE_URL: database, ...others } = settings
  const args = ['dev-server', '--json', '--port', String(port), '--control-port', '0']
  const child = fork(PROGRAM, [...args, ...(database ? ['--database', database] : [])], {
    // Nothing of this process: its own settings may be those of another program.
    env: { TMPDIR: tmpdir(), TEMP: tmpdir(), ...others },
    execArgv: FROM_SOURCES ? ['--import', 'tsx'] : [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const { url, control } = await addressesOf(child)
  // A test that forgets to close it ends all the same.
  for (const handle of [child, child.channel, child.stdout, child.stderr]) unref(handle)
  return createKit({ url, operations: createRemote(control), close: () => stop(child) })
}

function unref(handle: unknown): void {
  ;(handle as { unref?: () => void } | null)?.unref?.()
}

type Addresses = { url: string; control: string }

/** @throws Error with what it says where it does not start */
async function addressesOf(child: ChildProcess): Promise<Addresses> {
  let [said, complaint, isStarted] = ['', '', false]
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (isStarted) process.stderr.write(text)
    else complaint += text
  })
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`Latchkey did not start. ${complaint.trim()}`)))
    child.once('error', reject)
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (isStarted) return
      said += text
      isStarted = said.includes('\n')
      if (isStarted) resolve(JSON.parse(said) as Addresses)
    })
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await gone
  clearTimeout(late)
}
