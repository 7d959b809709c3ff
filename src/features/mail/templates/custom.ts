import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { allLanguages, isLanguage, type Language } from '../../../languages/languages.ts'
import type { MailValues } from '../../../languages/mail.ts'
import { escapeHtml } from '../../../platform/html.ts'
import { isMailKind, type MailKind, SLOTS } from '../kinds.ts'
import { htmlOfText } from './layout.ts'
import type { Template } from './templates.ts'

/** In characters, which is a long mail. */
const MAX_LENGTH = 64 * 1024
const SLOT = /\{\{\s*(\w+)\s*\}\}/g
/** The subject in the first line, an empty line, the text. */
const WITH_SUBJECT = /^Subject: ([^\n]{1,200})\n\n([\s\S]*\S)\s*$/

type Templates = ReadonlyMap<MailKind, Template>

/** Those that one language has of its own, and those for all others. */
export type CustomTemplates = { common: Templates; byLanguage: ReadonlyMap<Language, Templates> }

export const NO_TEMPLATES: CustomTemplates = { common: new Map(), byLanguage: new Map() }

/** By path below the folder of the templates. */
type Files = Map<string, string>

/**
 * Reads the templates of an operator: `<kind>.txt`, whose first line is `Subject: …`, and, if it is
 * to differ from the text, `<kind>.html`. Slots are `{{code}}` and the like. A folder with the tag
 * of a language, such as `zh-CN/`, holds the templates of this language.
 * @throws Error that names MAIL_TEMPLATES, the file and the fix
 */
export function readTemplates(folder: string): CustomTemplates {
  const { files, folders } = readFolder(folder)
  const byLanguage = folders.map(
    (tag) => [languageOf(tag), templatesOf(readFiles(folder, tag))] as const,
  )
  return { common: templatesOf(files), byLanguage: new Map(byLanguage) }
}

function languageOf(tag: string): Language {
  if (isLanguage(tag)) return tag
  const known = allLanguages.join(', ')
  throw refusal(`the folder ${tag} is not named by a language of this server (${known})`)
}

function readFiles(folder: string, tag: string): Files {
  const { files, folders } = readFolder(folder, `${tag}/`)
  if (folders[0] !== undefined) throw refusal(`${folders[0]} is a folder, not a template`)
  return files
}

function readFolder(folder: string, within = ''): { files: Files; folders: string[] } {
  try {
    const shown = readdirSync(join(folder, within)).filter((name) => !name.startsWith('.'))
    const paths = shown.map((name) => `${within}${name}`)
    const isFolder = (path: string) => statSync(join(folder, path)).isDirectory()
    const folders = paths.filter(isFolder)
    const files = paths.filter((path) => !folders.includes(path))
    const read = (path: string) => [path, readFileSync(join(folder, path), 'utf8')] as const
    return { files: new Map(files.map(read)), folders }
  } catch (cause) {
    throw refusal(`the folder cannot be read: ${(cause as Error).message}`)
  }
}

function templatesOf(files: Files): Templates {
  const found = new Map<MailKind, Template>()
  for (const path of files.keys()) {
    const [stem = ''] = path.split(/\.(?:txt|html)$/, 1)
    const kind = stem.slice(stem.indexOf('/') + 1)
    if (!isMailKind(kind) || stem === path) {
      throw refusal(`${path} is not a template; a file is the name of a mail and .txt or .html`)
    }
    found.set(kind, templateOf(kind, stem, files))
  }
  return found
}

/** @param stem the name of its files without the ending, below the folder */
function templateOf(kind: MailKind, stem: string, files: Files): Template {
  const text = files.get(`${stem}.txt`)
  if (text === undefined) throw refusal(`${stem}.html needs ${stem}.txt beside it`)
  const [, subject = '', body = ''] = WITH_SUBJECT.exec(text.replaceAll('\r\n', '\n')) ?? []
  if (subject === '') {
    throw refusal(`${stem}.txt must begin with "Subject: …", an empty line and the text`)
  }
  check(kind, `${stem}.txt`, subject, (slot) => slot !== 'code' && slot !== 'link')
  check(kind, `${stem}.txt`, body)
  const html = files.get(`${stem}.html`)
  if (html !== undefined) check(kind, `${stem}.html`, html)
  for (const [name, content] of [
    ['txt', body],
    ['html', html ?? body],
  ] as const) {
    const hasWay = slotsIn(content).some((slot) => slot === 'code' || slot === 'link')
    if (SLOTS[kind].includes('code') && !hasWay) {
      throw refusal(`${stem}.${name} has neither {{code}} nor {{link}}, so it leads nowhere`)
    }
  }
  return (values, language) => {
    const line = fill(subject, values)
    const plain = `${fill(body, values)}\n`
    const page =
      html === undefined ? htmlOfText(line, plain, language) : fill(html, values, escapeHtml)
    return { subject: line, text: plain, html: page }
  }
}

/** @throws Error when a slot has no value in this mail, or not at this place */
function check(
  kind: MailKind,
  file: string,
  content: string,
  isFit: (slot: string) => boolean = () => true,
): void {
  if (content.length > MAX_LENGTH) throw refusal(`${file} is longer than ${MAX_LENGTH} characters`)
  const slots: readonly string[] = SLOTS[kind]
  for (const slot of slotsIn(content)) {
    if (!slots.includes(slot)) {
      throw refusal(`${file} has {{${slot}}}; this mail has ${slots.join(', ')}`)
    }
    if (!isFit(slot)) throw refusal(`${file} has {{${slot}}} in its subject, which anybody may see`)
  }
  if (/\{\{|\}\}/.test(content.replaceAll(SLOT, ''))) {
    throw refusal(`${file} has {{ or }} that belong to no slot`)
  }
}

const slotsIn = (content: string) => [...content.matchAll(SLOT)].map(([, slot = '']) => slot)

/** Each slot once, so that a value that looks like a slot stays what it is. */
function fill(content: string, values: MailValues, write = (text: string) => text): string {
  return content.replaceAll(SLOT, (_all, slot: keyof MailValues) => write(values[slot]))
}

function refusal(what: string): Error {
  return new Error(`MAIL_TEMPLATES: ${what}`)
}
