import { isMailKind, type MailKind, PURPOSES, type Values } from './kinds.ts'
import type { WaitingMail } from './store.ts'
import type { Content } from './templates/layout.ts'
import { ownTemplate, type Template } from './templates/templates.ts'

/** The 8 digits of the code of a challenge; undefined when it is damaged, or expired. */
export type CodeOf = (challenge: string) => string | undefined

/** What a row says of its cause, in JSON of at most 500 characters. */
export type Facts = { at: number; device: string; left?: number | undefined }

export type Renderer = (row: WaitingMail) => Content | undefined

type Dependencies = {
  site: string
  links: string
  codeOf: CodeOf
  custom: ReadonlyMap<MailKind, Template>
}

/**
 * Writes the text of a row when it is sent; undefined for one whose code cannot be known any more.
 */
export function createRenderer({ site, links, codeOf, custom }: Dependencies): Renderer {
  function render({ kind, challenge, facts, expiresAt }: WaitingMail): Content | undefined {
    if (!isMailKind(kind)) return undefined
    const code = challenge === null ? '' : codeOf(challenge)
    if (code === undefined) return undefined
    const { at, device, left = '' } = JSON.parse(facts) as Facts
    const template = custom.get(kind) ?? ownTemplate(kind)
    return template({
      ...{ site, device, left: String(left) },
      code: code.replace(/(?<=^\d{4})/, ' '),
      link: linkOf(kind, challenge ?? '', code),
      until: timeOf(expiresAt),
      when: timeOf(new Date(at)),
    })
  }

  /** What is in the fragment reaches no server, and no log. */
  function linkOf(kind: MailKind, challenge: string, code: string): string {
    const purpose = PURPOSES[kind]
    if (purpose === undefined) return ''
    return `${links}#${new URLSearchParams({ purpose, challenge, code })}`
  }

  return render
}

const format = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
})

/** `29 November 2026 at 08:15 UTC` */
const timeOf = (date: Date): Values['when'] => `${format.format(date)} UTC`
