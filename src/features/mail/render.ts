import { catalogues, type Language } from '../../languages/languages.ts'
import { lazy } from '../../platform/lazy.ts'
import { type DeviceParts, deviceName } from './device-name.ts'
import { isMailKind, type MailKind, PURPOSES } from './kinds.ts'
import type { WaitingMail } from './store.ts'
import type { CustomTemplates } from './templates/custom.ts'
import type { Content } from './templates/layout.ts'
import { ownTemplate, type Template } from './templates/templates.ts'

/** The 8 digits of the code of a challenge; undefined when it is damaged, or expired. */
export type CodeOf = (challenge: string) => string | undefined

/** What a row says of its cause, in JSON of at most 500 characters. */
export type Facts = {
  at: number
  /** The device in English, for rows and servers of versions without `from`. */
  device: string
  from?: DeviceParts
  left?: number | undefined
  /** The language of the request that caused the mail. */
  language?: Language | undefined
}

export type Renderer = (row: WaitingMail) => Content | undefined

/** The first is for mails of which nobody knows a language. */
export type Languages = readonly [Language, ...Language[]]

type Dependencies = {
  site: string
  links: string
  codeOf: CodeOf
  languages: Languages
  custom: CustomTemplates
}

/**
 * Writes the text of a row when it is sent; undefined for one whose code cannot be known any more.
 */
export function createRenderer(dependencies: Dependencies): Renderer {
  const { site, links, codeOf, languages, custom } = dependencies
  const timesIn = new Map(languages.map((language) => [language, timeFormat(language)]))

  function render(row: WaitingMail): Content | undefined {
    const { kind, challenge, expiresAt } = row
    if (!isMailKind(kind)) return undefined
    const code = challenge === null ? '' : codeOf(challenge)
    if (code === undefined) return undefined
    const facts = JSON.parse(row.facts) as Facts
    const { template, language } = templateFor(kind, languageOf(row, facts))
    const timeOf = timesIn.get(language) ?? timeFormat(language)
    const values = {
      ...{ site, device: deviceIn(language, facts), left: String(facts.left ?? '') },
      code: code.replace(/(?<=^\d{4})/, ' '),
      link: linkOf(kind, challenge ?? '', code),
      until: timeOf(expiresAt),
      when: timeOf(new Date(facts.at)),
    }
    return template(values, language)
  }

  /** The choice of the account goes before that of the request. */
  function languageOf({ locale }: WaitingMail, { language }: Facts): Language {
    const isWanted = (wanted: unknown) => (one: Language) => one === wanted
    return languages.find(isWanted(locale)) ?? languages.find(isWanted(language)) ?? languages[0]
  }

  /** A template for all languages counts as written in the first one. */
  function templateFor(
    kind: MailKind,
    language: Language,
  ): { template: Template; language: Language } {
    const own = custom.byLanguage.get(language)?.get(kind)
    if (own) return { template: own, language }
    const common = custom.common.get(kind)
    if (common) return { template: common, language: languages[0] }
    return { template: ownTemplate(kind), language }
  }

  /** What is in the fragment reaches no server, and no log. */
  function linkOf(kind: MailKind, challenge: string, code: string): string {
    const purpose = PURPOSES[kind]
    if (purpose === undefined) return ''
    return `${links}#${new URLSearchParams({ purpose, challenge, code })}`
  }

  return render
}

function deviceIn(language: Language, { from, device }: Facts): string {
  return from ? deviceName(from, catalogues[language]) : device
}

/** `29 November 2026 at 08:15 UTC` */
function timeFormat(language: Language): (date: Date) => string {
  const { dates, utc } = catalogues[language].mailWords
  const parts = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' } as const
  const format = lazy(() => new Intl.DateTimeFormat(dates, parts))
  return (date) => utc(format().format(date))
}
