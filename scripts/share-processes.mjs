// Groups test files into programs that a leg runs, one process each.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FORGET_TESTS = join(ROOT, 'scripts/forget-tests.mjs')
/** To load the product and start its first server takes a process as long as a dozen tests. */
const FILES_A_PROGRAM = 8
/** What starts programs or tries many inputs: it takes long itself, and waits. */
const SLOW =
  /from '(?:fast-check|\.\.\/support\/(?:browser|browser-client|galera|newman|phone|process|redis-fleet|rendering|throwaway-\w+|walkthrough|ways)\.ts)'/
const SLOW_FILES_A_PROGRAM = 3

/**
 * Files of one folder of test/ share a program; no file depends on which.
 * @param files paths from the root, such as test/notes/notes.test.ts
 * @param compiled where `compileTests` wrote their JavaScript
 * @param folder gets the programs
 * @returns the paths of the programs, the slow ones first, so that none runs alone at the end
 */
export function shareProcesses(files, compiled, folder) {
  mkdirSync(folder, { recursive: true })
  const isSlow = (file) => SLOW.test(readFileSync(join(ROOT, file), 'utf8'))
  const slow = files.filter(isSlow)
  const quick = files.filter((file) => !slow.includes(file))
  const programs = [...inFolders(slow, SLOW_FILES_A_PROGRAM), ...inFolders(quick, FILES_A_PROGRAM)]
  return programs.map((chunk, index) => {
    const number = String(index + 1).padStart(3, '0')
    const name = `${number}-${dirname(chunk[0]).replaceAll(/\W/g, '-')}.test.mjs`
    const modules = chunk.map((file) => join(compiled, file.replace(/\.ts$/, '.js')))
    writeFileSync(join(folder, name), programOf(modules))
    return join(folder, name)
  })
}

/** @param modules paths of compiled test files @returns a program that runs them */
export function programOf(modules) {
  const href = (path) => `'${pathToFileURL(path).href}'`
  return [
    `import { forgetTests } from ${href(FORGET_TESTS)}`,
    ...modules.map((path) => `await import(${href(path)})`),
    'forgetTests()\n',
  ].join('\n')
}

/** Chunks of at most so many files, as equal as they can be. */
function inFolders(files, most) {
  const folders = [...new Set(files.map((file) => dirname(file)))]
  return folders.flatMap((folder) => {
    const group = files.filter((file) => dirname(file) === folder)
    const size = Math.ceil(group.length / Math.ceil(group.length / most))
    const count = Math.ceil(group.length / size)
    return Array.from({ length: count }, (_, at) => group.slice(at * size, (at + 1) * size))
  })
}
