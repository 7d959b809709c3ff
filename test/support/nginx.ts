import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lifetime } from './lifetime.ts'

// A throwaway nginx: its configuration and all that it writes lie in a folder that goes with the
// test.

// Debian has it where only root looks.
process.env.PATH = `${process.env.PATH}:/usr/sbin`

/** The folder is its owner's alone, and a process of root would have another user do the work. */
const USER = process.getuid?.() === 0 ? 'user root;' : ''
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  .map((name) => `${name}_temp_path ${name};`)
  .join('\n')

/**
 * Starts nginx and waits until its port is open.
 * @param port where it listens, on 127.0.0.1 alone
 * @param http what stands in its `http` block
 * @returns how to give it another one, which it takes on without losing a request
 */
export async function startNginx(t: Lifetime, port: number, http: string) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-nginx-'))
  const write = (block: string) => {
    const settings = `daemon off;\n${USER}\npid nginx.pid;\nevents {}\nhttp {\naccess_log off;\n${TEMPORARY}\n${block}\n}\n`
    writeFileSync(join(folder, 'nginx.conf'), settings)
  }
  write(http)
  const options = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr']
  const nginx = spawn('nginx', options, { stdio: ['ignore', 'ignore', 'pipe'] })
  const errors: string[] = []
  nginx.stderr.on('data', (chunk) => errors.push(String(chunk)))
  t.after(async () => {
    nginx.kill('SIGTERM')
    if (nginx.exitCode === null) await once(nginx, 'exit')
    rmSync(folder, { recursive: true, force: true })
  })
  const reload = (block: string) => {
    write(block)
    nginx.kill('SIGHUP')
  }
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)) return { reload }
    await sleep(20)
  }
  return assert.fail(`nginx does not answer: ${errors.join('')}`)
}
