// runs once
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CODE_KINDS,
  type MailKind,
  NOTICE_KINDS,
  SLOTS,
  UNDO_KINDS,
} from '../../src/features/mail/kinds.ts'
import { ownTemplate } from '../../src/features/mail/templates/templates.ts'
import { allLanguages, catalogues } from '../../src/languages/languages.ts'
import type { MailValues } from '../../src/languages/mail.ts'

const KINDS: MailKind[] = [...CODE_KINDS, ...UNDO_KINDS, ...NOTICE_KINDS]
const NAMES = ['site', 'code', 'link', 'until', 'when', 'device', 'left'] as const
const VALUES: MailValues = {
  site: 'auth.example.org',
  code: '1234 5678',
  link: 'https://app.example.org/mail#purpose=x&challenge=y&code=12345678',
  until: '2026-11-30 08:15',
  when: '2026-11-29 08:15',
  device: 'Firefox, 192.0.2.1',
  left: '<9>',
}
/** The subject may be as long as a phone shows; Chinese says more in a letter. */
const FIRST_LINE: Record<string, RegExp> = { en: /^.{20,180}$/, 'zh-CN': /^.{10,80}$/ }
const CHINESE = /\p{Script=Han}/u

for (const language of allLanguages) {
  for (const kind of KINDS) {
    test(`${kind} in ${language}: the texts say what the mail may say, and nothing is fetched`, () => {
      const { subject, text, html } = ownTemplate(kind)(VALUES, language)

      assert.ok(subject.length <= 60 && subject.includes(VALUES.site), subject)
      assert.doesNotMatch(subject, /1234/)
      const allowed: readonly string[] = SLOTS[kind]
      const has = (value: keyof MailValues) => text.includes(VALUES[value])
      for (const value of ['code', 'link', 'until', 'left'] as const) {
        assert.equal(has(value), allowed.includes(value), value)
      }
      if (allowed.includes('when')) assert.ok(has('when'))
      const { left } = catalogues[language].mailWords
      assert.equal(text.includes(`${left}`), allowed.includes('left'))
      assert.equal(html.includes('1234 5678'), allowed.includes('code'))
      assert.equal(html.includes('&amp;code=12345678'), allowed.includes('link'))
      assert.doesNotMatch(html, /<(?:img|script|link|iframe|form)\b|url\(|@import|<9>/i)
      assert.match(html, /<meta name="color-scheme" content="light dark">/)
      assert.ok(html.includes(`<html lang="${language}">`))
      assert.match(text.split('\n')[0] ?? '', FIRST_LINE[language] ?? /^.+$/)
      assert.equal(CHINESE.test(subject + text), language === 'zh-CN')
    })
  }

  test(`the mails in ${language} have the values of those in English, as often in the same parts`, () => {
    const mails: Record<string, unknown> = catalogues[language].mails
    assert.deepEqual(Object.keys(mails).sort(), [...KINDS].sort())

    for (const kind of KINDS) {
      assert.deepEqual(used(kind, language), used(kind, 'en'), kind)
    }
  })
}

/** How often each value stands in the subject, and in each part of the text. */
function used(kind: MailKind, language: (typeof allLanguages)[number]) {
  const marked = Object.fromEntries(NAMES.map((name) => [name, `«${name}»`])) as MailValues
  const { subject, text } = ownTemplate(kind)(marked, language)
  const parts = [subject, ...text.split('\n\n')]
  return parts.map((part) => [...part.matchAll(/«(\w+)»/g)].map(([, name]) => name).sort())
}

test('a code of a mail for a sign-in has no link, which would sign in a stranger', () => {
  for (const language of allLanguages) {
    const { text, html } = ownTemplate('sign_in')(VALUES, language)

    assert.doesNotMatch(text + html, /https?:|href/)
  }
})

test('Chinese mails write Chinese punctuation, and a space around what is Latin', () => {
  for (const kind of KINDS) {
    const { subject, text } = ownTemplate(kind)(VALUES, 'zh-CN')
    const words = `${subject}\n${text}`.replaceAll(/https?:\S+/g, '')

    assert.doesNotMatch(words, /\p{Script=Han}[,.:;!?]|\p{Script=Han}[A-Za-z0-9]/u, kind)
    assert.doesNotMatch(words, /[A-Za-z0-9]\p{Script=Han}/u, kind)
  }
})
