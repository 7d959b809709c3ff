import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { hasEntry } from './ranges.ts'

/** Holds a whole line, wherever it begins: lines have at most 63 bytes. */
const WINDOW = 128
const LAST_STEP = 4096
const SAMPLES = 64
const LINE = /^([0-9A-F]{40}):\d{1,20}\r?$/
const SHAPE = 'lines of HASH:count, SHA-1 in upper-case hex, in the order of the hashes'

/** Binary search in a sorted file, opened each time: one that takes its place is used at once. */
export function createHashFile(path: string) {
  return async function isListed(hash: string): Promise<boolean> {
    const file = await open(path)
    try {
      return await find(file, hash)
    } finally {
      await file.close()
    }
  }
}

async function find(file: FileHandle, hash: string): Promise<boolean> {
  const { size } = await file.stat()
  // The line of the hash begins from `first`, which is the start of a line, to before `end`.
  let [first, end] = [0, size]
  while (end - first > LAST_STEP) {
    const middle = Math.floor((first + end) / 2)
    const line = lineBehind(await textAt(file, middle, WINDOW))
    if (!line) throw new Error(`the file does not have ${SHAPE}`)
    const start = middle + line.at
    if (start < end && line.hash <= hash) first = start
    else end = middle + 1
  }
  return hasEntry(await textAt(file, first, end - first + WINDOW), hash)
}

async function textAt(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.toString('latin1', 0, bytesRead)
}

/** The first line that begins in a text, behind a line end. */
function lineBehind(text: string): { at: number; hash: string } | undefined {
  const at = text.indexOf('\n') + 1
  const [, hash] = LINE.exec(text.slice(at).split('\n', 1)[0] ?? '') ?? []
  return at > 0 && hash !== undefined ? { at, hash } : undefined
}

/** Looks at samples of a file. @returns what is wrong and what to do, or undefined */
export function issueOfHashFile(path: string): string | undefined {
  try {
    return issueIn(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return `the file ${path} cannot be read (${code}); check the path and its permissions`
  }
}

function issueIn(path: string): string | undefined {
  const facts = statSync(path)
  if (!facts.isFile()) return `${path} is not a file; write the path of a file of hashes`
  const file = openSync(path, 'r')
  try {
    const hashes = samplesOf(file, facts.size)
    const isSorted = hashes.every(
      (hash, at) => hash !== undefined && hash >= (hashes[at - 1] ?? ''),
    )
    return isSorted ? undefined : `the file ${path} must have ${SHAPE}`
  } finally {
    closeSync(file)
  }
}

function samplesOf(file: number, size: number): (string | undefined)[] {
  const buffer = Buffer.alloc(WINDOW)
  const textFrom = (position: number) =>
    buffer.toString('latin1', 0, readSync(file, buffer, 0, WINDOW, position))
  const hashes = [lineBehind(`\n${textFrom(0)}`)?.hash]
  for (let sample = 1; sample < SAMPLES; sample++) {
    const position = Math.floor((size * sample) / SAMPLES)
    if (position + WINDOW <= size) hashes.push(lineBehind(textFrom(position))?.hash)
  }
  const last = textFrom(Math.max(0, size - WINDOW))
    .trimEnd()
    .split('\n')
    .at(-1)
  return [...hashes, LINE.exec(last ?? '')?.[1]]
}
