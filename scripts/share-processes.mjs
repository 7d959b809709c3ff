// Groups test files into programs that a leg runs, one process each.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** To load the product and start its first server takes a process as long as a dozen tests. */
const FILES_A_PROGRAM = 10

/**
 * Files of one folder of test/ share a program; no file depends on which.
 * @param files paths from the root, such as test/notes/notes.test.ts
 * @param compiled where `compileTests` wrote their JavaScript
 * @param folder gets the programs
 * @returns the paths of the programs, in the order of the files
 */
export function shareProcesses(files, compiled, folder) {
  mkdirSync(folder, { recursive: true })
  return chunks(files).map((chunk, index) => {
    const number = String(index + 1).padStart(3, '0')
    const name = `${number}-${dirname(chunk[0]).replaceAll(/\W/g, '-')}.test.mjs`
    const modules = chunk.map((file) => join(compiled, file.replace(/\.ts$/, '.js')))
    const lines = modules.map((path) => `await import('${pathToFileURL(path).href}')\n`)
    writeFileSync(join(folder, name), lines.join(''))
    return join(folder, name)
  })
}

function chunks(files) {
  const folders = [...new Set(files.map((file) => dirname(file)))]
  return folders.flatMap((folder) => {
    const group = files.filter((file) => dirname(file) === folder)
    const count = Math.ceil(group.length / FILES_A_PROGRAM)
    const size = Math.ceil(group.length / count)
    return Array.from({ length: count }, (_, at) => group.slice(at * size, (at + 1) * size))
  })
}
