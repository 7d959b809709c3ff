import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { escapeHtml } from '../../../platform/html.ts'
import { isMailKind, type MailKind, SLOTS, type Values } from '../kinds.ts'
import { htmlOfText } from './layout.ts'
import type { Template } from './templates.ts'

/** In characters, which is a long mail. */
const MAX_LENGTH = 64 * 1024
const SLOT = /\{\{\s*(\w+)\s*\}\}/g
/** The subject in the first line, an empty line, the text. */
const WITH_SUBJECT = /^Subject: ([^\n]{1,200})\n\n([\s\S]*\S)\s*$/

type Files = Map<string, string>

/**
 * Reads the templates of an operator: `<kind>.txt`, whose first line is `Subject: …`, and, if it is
 * to differ from the text, `<kind>.html`. Slots are `{{code}}` and the like.
 * @throws Error that names MAIL_TEMPLATES, the file and the fix
 */
export function readTemplates(folder: string): Map<MailKind, Template> {
  const files = readFiles(folder)
  const found = new Map<MailKind, Template>()
  for (const name of files.keys()) {
    const [kind = ''] = name.split(/\.(?:txt|html)$/, 1)
    if (!isMailKind(kind) || kind === name) {
      throw refusal(`${name} is not a template; a file is the name of a mail and .txt or .html`)
    }
    found.set(kind, templateOf(kind, files))
  }
  return found
}

function readFiles(folder: string): Files {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'))
    return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
  } catch (cause) {
    throw refusal(`the folder cannot be read: ${(cause as Error).message}`)
  }
}

function templateOf(kind: MailKind, files: Files): Template {
  const text = files.get(`${kind}.txt`)
  if (text === undefined) throw refusal(`${kind}.html needs ${kind}.txt beside it`)
  const [, subject = '', body = ''] = WITH_SUBJECT.exec(text.replaceAll('\r\n', '\n')) ?? []
  if (subject === '') {
    throw refusal(`${kind}.txt must begin with "Subject: …", an empty line and the text`)
  }
  check(kind, `${kind}.txt`, subject, (slot) => slot !== 'code' && slot !== 'link')
  check(kind, `${kind}.txt`, body)
  const html = files.get(`${kind}.html`)
  if (html !== undefined) check(kind, `${kind}.html`, html)
  for (const [name, content] of [
    ['txt', body],
    ['html', html ?? body],
  ] as const) {
    const hasWay = slotsIn(content).some((slot) => slot === 'code' || slot === 'link')
    if (SLOTS[kind].includes('code') && !hasWay) {
      throw refusal(`${kind}.${name} has neither {{code}} nor {{link}}, so it leads nowhere`)
    }
  }
  return (values) => {
    const line = fill(subject, values)
    const plain = `${fill(body, values)}\n`
    const page = html === undefined ? htmlOfText(line, plain) : fill(html, values, escapeHtml)
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
function fill(content: string, values: Values, write = (text: string) => text): string {
  return content.replaceAll(SLOT, (_all, slot: keyof Values) => write(values[slot]))
}

function refusal(what: string): Error {
  return new Error(`MAIL_TEMPLATES: ${what}`)
}
