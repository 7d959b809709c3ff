import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type ServerProcess, startProcess } from './process.ts'
import { until } from './until.ts'

/** Prints at a signal how many scripts there are, and how many of each package in PACKAGES. */
const TELL = `const { Session } = require('node:inspector')
const scripts = []
const session = new Session()
session.connect()
session.on('Debugger.scriptParsed', ({ params }) => scripts.push(params.url))
session.post('Debugger.enable')
process.on('SIGCONT', () => {
  const of = (name) => scripts.filter((url) => url.includes('/node_modules/' + name)).length
  const counts = JSON.parse(process.env.PACKAGES).map((name) => [name, of(name)])
  console.log('scripts ' + JSON.stringify({ all: scripts.length, ...Object.fromEntries(counts) }))
})`

type Options<Name extends string> = {
  url: string
  /** Names of packages, or how the paths of their files begin. */
  packages: readonly Name[]
  env?: Record<string, string>
}

/** A server in a process of its own that tells how many scripts of each package it has loaded. */
export async function startTelling<Name extends string>(t: TestContext, options: Options<Name>) {
  const { url, packages, env } = options
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-modules-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'tell.cjs')
  writeFileSync(file, TELL)
  const telling = { PACKAGES: JSON.stringify(packages), NODE_OPTIONS: `--require ${file}` }
  const server: ServerProcess = await startProcess(t, { url, env: { ...env, ...telling } })
  let times = 0

  async function loaded(): Promise<Record<Name, number>> {
    process.kill(server.pid, 'SIGCONT')
    times++
    const told = () => [...server.output().matchAll(/scripts (\{.*\})/g)]
    await until(() => told().length === times)
    const { all, ...counts } = JSON.parse(told().at(-1)?.[1] ?? '{}')
    assert.ok(all > 100, `${all} scripts`)
    return counts
  }

  return { server, loaded }
}
