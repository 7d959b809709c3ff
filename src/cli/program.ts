import { Command, CommanderError } from 'commander'
import { VERSION } from '../platform/version.ts'
import { COMMANDS } from './commands.ts'
import type { Io } from './io.ts'
import { chosen, missingCommand, withMeant } from './meant.ts'
import { confirm, printError, printResult } from './output.ts'
import {
  type Given,
  type Group,
  type Question,
  type Result,
  UsageError,
  type Word,
} from './word.ts'

const WIDTH = 100

const ABOUT = 'Latchkey for operators. It works beside the servers that run, with their settings.'

/** Below the help of every command. */
const GLOBAL = '\n--json and --yes are for every command: latchkey --help.'

const ARGUMENTS: Record<string, string> = {
  name: 'a username or an e-mail address',
  id: 'the id of a mail',
}

const NOTES = `
<name> is a username or an e-mail address. Settings come from the environment and, outside production,
from .env in this folder. docs/command-line.md explains each command.

Exit codes: 0 done, 1 not done, 2 called wrongly.`

type Run = (word: Word, given: Omit<Given, 'io' | 'isJson' | 'confirm'>) => Promise<void>

/**
 * Runs one command line.
 * @param args what stands behind the name of the program
 * @returns the exit code: 0 done, 1 not done, 2 called wrongly
 */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const isJson = args.includes('--json')
  let result: Result | undefined
  let complaint = ''
  const run: Run = async (word, rest) => {
    const isAnswered = rest.isOldName || rest.options.yes === true
    const ask = async (question: Question) => (isAnswered ? undefined : confirm(io, question))
    result = await word.run({ ...rest, io, isJson, confirm: ask })
  }
  const complain = (text: string) => {
    complaint += text
  }
  try {
    await createProgram(io.out, complain, run).parseAsync(args, { from: 'user' })
    return result ? await printResult(io, result, isJson) : 0
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(io, error, isJson)
    if (error.exitCode === 0) return 0
    return printError(io, new UsageError(usageText(error, complaint, args, isJson)), isJson)
  }
}

function usageText(
  { code, message }: CommanderError,
  complaint: string,
  args: readonly string[],
  isJson: boolean,
): string {
  if (!isJson) return withMeant(complaint.trimEnd())
  if (code === 'commander.help') return missingCommand(args)
  return withMeant(message.replace(/^error: /, ''))
}

/** All commands, with their help. */
export function createProgram(out: Io['out'], err: Io['err'], run: Run): Command {
  const program = new Command('latchkey')
    .description(ABOUT)
    .version(VERSION, '--version', 'print the version')
    .helpOption('--help', 'say how it is used')
    .option('--json', 'print one JSON document; an error is a line of JSON on standard error')
    .option('--yes', 'do not ask before something is destroyed')
    .configureOutput({
      ...{ writeOut: out, writeErr: err },
      ...{ getOutHelpWidth: () => WIDTH, getErrHelpWidth: () => WIDTH },
      ...{ getOutHasColors: () => false, getErrHasColors: () => false },
    })
    .exitOverride()
    .showHelpAfterError('latchkey --help lists the commands.')
    .addHelpText('after', NOTES)
  for (const entry of COMMANDS) {
    if ('words' in entry) addGroup(program, entry, run)
    else addWord(program, entry, run)
  }
  return program
}

function addGroup(program: Command, { name, about, words }: Group, run: Run): void {
  const group = program.command(name).description(about)
  group.showHelpAfterError(`latchkey ${name} --help lists its commands.`)
  for (const word of words) {
    addWord(group, word, run)
    if (word.oldUsage) addOldName(program, word, word.oldUsage, run)
  }
  const examples = words.flatMap((word) => word.examples.slice(0, 1))
  group.addHelpText('after', exampleText(examples) + GLOBAL)
}

function addWord(parent: Command, word: Word, run: Run): void {
  addTo(parent, { word, usage: word.usage, isOldName: false }, run)
}

function addOldName(program: Command, word: Word, usage: string, run: Run): void {
  addTo(program, { word, usage, isOldName: true }, run)
}

type Naming = { word: Word; usage: string; isOldName: boolean }

function addTo(parent: Command, { word, usage, isOldName }: Naming, run: Run): void {
  const command = parent.command(usage, { hidden: isOldName }).description(word.about)
  for (const [flags, about] of Object.entries(word.options ?? {})) command.option(flags, about)
  if (word.choices) addChoices(command, word.choices)
  command.configureHelp({ visibleOptions: ({ options }) => [...options] })
  command.addHelpText('after', exampleText(word.examples) + GLOBAL)
  const path = [parent.name(), command.name()].join(' ').replace(/^(?!latchkey)/, 'latchkey ')
  command.showHelpAfterError(`\nUsage: ${path} ${command.usage()}`)
  command.action(async () => {
    const { processedArgs: args } = command
    await run(word, { args, options: command.optsWithGlobals(), isOldName })
  })
}

function addChoices(command: Command, choices: NonNullable<Word['choices']>): void {
  for (const argument of command.registeredArguments) {
    const values = choices[argument.name()]
    if (values) argument.choices(values).argParser((typed: string) => chosen(typed, values))
    else argument.description = ARGUMENTS[argument.name()] ?? ''
  }
}

function exampleText(examples: readonly string[]): string {
  return ['', 'Examples:', ...examples.map((line) => `  latchkey ${line}`), ''].join('\n')
}
