import { readdir, readFile } from 'node:fs/promises'
import { posix } from 'node:path'

// The source files, what they import, and how long they are: for the laws of architecture.test.ts.

const ROOT = new URL('../../', import.meta.url)
const IMPORT =
  /^\s*(?:import|export)\s(?<type>type\s)?(?:[^;'"]*?\bfrom\s*)?['"](?<from>[^'"]+)['"]|\bimport\(\s*['"](?<later>[^'"]+)['"]\s*\)/gm
/** What is generated. */
const LONG_FILES = new Set(['client/src/api-types.ts'])
export const MAX_FILE_LINES = 250
export const MAX_FUNCTION_LINES = 40

export type Import = { target: string; isType: boolean }

/** Every source file by its path, with its text. */
export async function sourceFiles(): Promise<Map<string, string>> {
  const names = await Promise.all(['src', 'client/src'].map(namesIn))
  const files = names
    .flat()
    .filter((name) => name.endsWith('.ts') && !name.startsWith('src/generated/'))
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, ROOT), 'utf8')))
  return new Map(files.map((name, index) => [name, texts[index] ?? '']))
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(new URL(folder, ROOT), { recursive: true })
  return names.map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
}

export function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(({ groups }) => {
    const from = groups?.from ?? groups?.later ?? ''
    const isFile = from.startsWith('.')
    const target = isFile ? posix.join(posix.dirname(file), from) : from
    return { target, isType: groups?.type !== undefined }
  })
}

/** Which files of the sources each file imports. */
export function importGraph(sources: Map<string, string>): Map<string, string[]> {
  const targets = (file: string, text: string) =>
    importsOf(file, text).flatMap(({ target }) => (sources.has(target) ? [target] : []))
  return new Map([...sources].map(([file, text]) => [file, targets(file, text)]))
}

/** The groups of files that import each other, however indirectly. */
export function circles(graph: Map<string, string[]>): string[] {
  const reached = new Map([...graph.keys()].map((file) => [file, reachableFrom(graph, file)]))
  const groups = [...graph.keys()].map((file) =>
    [...(reached.get(file) ?? [])]
      .filter((other) => reached.get(other)?.has(file))
      .sort()
      .join(' '),
  )
  return [...new Set(groups)].filter((group) => group !== '').sort()
}

export function reachableFrom(graph: Map<string, string[]>, start: string): Set<string> {
  const reached = new Set<string>()
  const waiting = [...(graph.get(start) ?? [])]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue
    reached.add(file)
    waiting.push(...(graph.get(file) ?? []))
  }
  return reached
}

/**
 * Counts on the formatter: a function ends at the first brace as deep as the line where it began.
 */
export function tooLong(file: string, text: string): string[] {
  const lines = text.split('\n')
  const fileFault =
    lines.length - 1 > MAX_FILE_LINES && !LONG_FILES.has(file)
      ? [`${file}: ${lines.length - 1} lines`]
      : []
  const functions = lines.flatMap((line, index) => {
    const own = opensFunction(line) ? ownLines(lines, index) : 0
    return own > MAX_FUNCTION_LINES
      ? [`${file}:${index + 1} a function of ${own} lines of its own`]
      : []
  })
  return [...fileFault, ...functions]
}

function opensFunction(line: string): boolean {
  return /\bfunction\b.*[({]$|=> \{$/.test(line) && !isComment(line)
}

function isComment(line: string): boolean {
  return /^\s*(\/\/|\/\*|\*)/.test(line)
}

function ownLines(lines: string[], start: number): number {
  let own = 0
  for (let index = start + 1; index < endOf(lines, start); index++) {
    const line = lines[index] ?? ''
    if (opensFunction(line)) index = endOf(lines, index)
    else if (line.trim() !== '' && !isComment(line)) own++
  }
  return own
}

function endOf(lines: string[], start: number): number {
  const depth = /^\s*/.exec(lines[start] ?? '')?.[0] ?? ''
  const isEnd = (line: string) => line.startsWith(`${depth}}`) && !line.endsWith('{')
  const end = lines.findIndex((line, index) => index > start && isEnd(line))
  return end < 0 ? lines.length : end
}
