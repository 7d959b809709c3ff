import { InvalidArgumentError } from 'commander'
import { nearest } from '../platform/nearest.ts'
import { COMMANDS } from './commands.ts'
import type { Group } from './word.ts'

// What somebody meant who wrote a word that is none.

const nameIn = (usage: string) => usage.split(' ')[0] ?? ''

/** @returns the word @throws InvalidArgumentError that names the nearest right one */
export function chosen(typed: string, words: readonly string[]): string {
  if (words.includes(typed)) return typed
  const allowed = `Allowed choices are ${words.join(', ')}.`
  throw new InvalidArgumentError(`${allowed}${questionFor(nearest(typed, words))}`)
}

/** The message, with the older name or the command of a group that an unknown word may be. */
export function withMeant(message: string): string {
  return message.replace(/unknown command '([^']*)'(?!\n\(Did you)/, (said, typed: string) => {
    return `${said}${questionFor(ofAGroup(typed) ?? nearest(typed, OLD_NAMES))}`
  })
}

/** Says which commands there are below the name of a group, or at the top. */
export function missingCommand(args: readonly string[]): string {
  const group = GROUPS.find(({ name }) => args.includes(name))
  const names = group
    ? group.words.map(({ usage }) => nameIn(usage))
    : COMMANDS.map((entry) => ('words' in entry ? entry.name : nameIn(entry.usage)))
  return `The command is missing: ${names.join(', ')}.`
}

const GROUPS = COMMANDS.filter((entry): entry is Group => 'words' in entry)
const OLD_NAMES = GROUPS.flatMap(({ words }) => words)
  .flatMap(({ oldUsage }) => oldUsage ?? [])
  .map(nameIn)

/** Such as `user show` for `show`, and `user role` for the older `user set-role`. */
function ofAGroup(typed: string): string | undefined {
  for (const { name, words } of GROUPS) {
    const word = words.find(({ usage, oldUsage = '' }) =>
      [usage, oldUsage].some((one) => nameIn(one) === typed),
    )
    if (word) return `${name} ${nameIn(word.usage)}`
  }
  return undefined
}

function questionFor(meant: string | undefined): string {
  return meant === undefined ? '' : `\n(Did you mean ${meant}?)`
}
