// A generator of `prisma generate`: writes what Prisma read in a schema to the file MODELS_FILE.
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

// Prisma sends JSON-RPC, one message a line, and reads the answers from standard error.
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (method === 'generate') {
    writeFileSync(process.env.MODELS_FILE, JSON.stringify(params.dmmf.datamodel))
  }
  const result = method === 'getManifest' ? { manifest: { defaultOutput: '.' } } : null
  process.stderr.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`)
})
