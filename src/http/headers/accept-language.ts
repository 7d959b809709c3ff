import { match } from '@formatjs/intl-localematcher'
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

/** A language tag as `Accept-Language` writes it (RFC 4647 2.1); no library sees anything else. */
const TAG = /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/
const MOST_TAGS = 10
const MOST_KEPT = 100
/** Longer headers are read, and not kept. */
const LONGEST_KEPT = 256

export type Languages = ReturnType<typeof createLanguages>

/**
 * Chooses among the languages of this server by `Accept-Language` (RFC 9110 12.5.4), with the
 * distances of CLDR: `zh-Hans` is `zh-CN`, and `zh-TW` is not.
 * @param offered the first is for those who ask for none of them
 */
export function createLanguages(offered: readonly [Language, ...Language[]]) {
  const [standard] = offered
  const known = new Map<string, Language>()

  /** @param header of a request, of any length and any form */
  function of(header = ''): Language {
    return known.get(header) ?? keep(header, choose(header))
  }

  function choose(header: string): Language {
    const asked = new Negotiator({ headers: { 'accept-language': header } }).languages()
    const tags = asked.filter(isTag).slice(0, MOST_TAGS)
    return tags.length === 0 ? standard : (match(tags, offered, standard) as Language)
  }

  function keep(header: string, language: Language): Language {
    if (known.size === MOST_KEPT) known.clear()
    if (header.length <= LONGEST_KEPT) known.set(header, language)
    return language
  }

  return { offered, standard, of }
}

/** Whether the matcher takes it: it throws for others, such as `abcd`. */
function isTag(text: string): boolean {
  try {
    return TAG.test(text) && Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
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
