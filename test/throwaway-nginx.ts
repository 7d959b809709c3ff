import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

const TRIES = 200

/**
 * An nginx of the test's own, gone when the test ends.
 * @param http the lines of its `http` block; `PORT` in them is the port that it gets
 * @returns its address
 */
export async function startNginx(t: TestContext, http: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-nginx-'))
  const port = await freePort()
  mkdirSync(join(folder, 'temp'))
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path temp;`)
    .join('\n')
  const lines = `access_log off;\n${temp}\n${http.replaceAll('PORT', String(port))}`
  const text = `daemon off;\npid nginx.pid;\nevents {}\nhttp {\n${lines}\n}\n`
  writeFileSync(join(folder, 'nginx.conf'), text)
  const options = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr']
  // Debian has it where the shells of users do not look.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
  const nginx = spawn('nginx', options, { stdio: ['ignore', 'ignore', 'pipe'], env })
  const errors: string[] = []
  nginx.stderr.on('data', (chunk) => errors.push(String(chunk)))
  t.after(async () => {
    nginx.kill('SIGTERM')
    if (nginx.exitCode === null) await once(nginx, 'exit')
    rmSync(folder, { recursive: true, force: true })
  })
  const address = `http://127.0.0.1:${port}`
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (await fetch(`${address}/livez`).catch(() => undefined)) return address
    await sleep(20)
  }
  return assert.fail(`nginx does not answer: ${errors.join('')}`)
}

async function freePort(): Promise<number> {
  const door = createServer().listen(0, '127.0.0.1')
  await once(door, 'listening')
  const { port } = door.address() as AddressInfo
  door.close()
  return port
}
