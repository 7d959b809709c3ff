import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import type { Texts } from '../../languages/en/texts.ts'
import { catalogues, type Language } from '../../languages/languages.ts'
import { type Text, tell } from '../../languages/text.ts'
import { addVary } from './vary.ts'

declare module 'fastify' {
  interface FastifyInstance {
    languages: Languages
  }
}

/** A language tag as `Accept-Language` writes it (RFC 4647 2.1); no longer than people use them. */
const TAG = /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,7}$/
const MOST_TAGS = 10
const MOST_KEPT = 100
/** Longer headers are read, and not kept. */
const LONGEST_KEPT = 256

export type Languages = ReturnType<typeof createLanguages>

/**
 * Chooses among the languages of this server by `Accept-Language` (RFC 9110 12.5.4). One that is
 * asked for in another script is not it: with the likely subtags of CLDR, `zh-Hans` and `zh-SG` are
 * `zh-CN`, and `zh-TW` is not. Libraries that match locales remember every tag that they ever see.
 * @param offered the first is for those who ask for none of them
 */
export function createLanguages(offered: readonly [Language, ...Language[]]) {
  const [standard] = offered
  const choices = offered.map((language) => ({ language, ...partsOf(language) }))
  const known = new Map<string, Language>()

  /** @param header of a request, of any length and any form */
  function of(header = ''): Language {
    return known.get(header) ?? keep(header, choose(header))
  }

  /** Cut first: what is to be read of 16 KiB costs as much as a short header. */
  function choose(header: string): Language {
    const first = header.split(',', MOST_TAGS).join(',')
    const asked = new Negotiator({ headers: { 'accept-language': first } }).languages()
    for (const tag of asked) {
      const found = nearest(tag)
      if (found !== undefined) return found
    }
    return standard
  }

  function nearest(tag: string): Language | undefined {
    const asked = partsOf(tag)
    if (asked === undefined) return undefined
    const same = choices.filter((one) => one.written === asked.written)
    return (same.find(({ region }) => region === asked.region) ?? same[0])?.language
  }

  function keep(header: string, language: Language): Language {
    if (known.size === MOST_KEPT) known.clear()
    if (header.length <= LONGEST_KEPT) known.set(header, language)
    return language
  }

  return { offered, standard, of }
}

/** Language and script, and where; undefined for what is not a locale, such as `abcd`. */
function partsOf(tag: string): { written: string; region: string | undefined } | undefined {
  if (!TAG.test(tag)) return undefined
  try {
    const { language, script, region } = new Intl.Locale(tag).maximize()
    return { written: `${language}-${script}`, region }
  } catch {
    return undefined
  }
}

/** The language of the answer to this request. */
export function languageOf({ server, headers }: FastifyRequest): Language {
  return server.languages.of(headers['accept-language'])
}

/** The language for this answer, whose headers then say it. */
export function languageFor(reply: FastifyReply): Language {
  const language = languageOf(reply.request)
  sayLanguage(language, reply)
  return language
}

/** The texts for this answer, whose headers then say which language it has. */
export function textsFor(reply: FastifyReply): Texts {
  return catalogues[languageFor(reply)]
}

/** The same, in a language that is known. */
export function textsIn(language: Language, reply: FastifyReply): Texts {
  sayLanguage(language, reply)
  return catalogues[language]
}

function sayLanguage(language: Language, reply: FastifyReply): void {
  if (reply.hasHeader('content-language')) return
  reply.header('content-language', language)
  addVary(reply, 'Accept-Language')
}

/** A text in the language of this answer. */
export function say(reply: FastifyReply, text: Text): string {
  return tell(text, textsFor(reply))
}
