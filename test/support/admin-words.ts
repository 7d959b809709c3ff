import { type TestContext, test as testOnce } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { adminPages } from '../../src/languages/admin-pages.ts'
import { allLanguages, type Language } from '../../src/languages/languages.ts'

// Tests of the page for administrators name things in English, and run in each language.

/** Of tests and of their browsers. */
export const languages = new WeakMap<TestContext | BrowserContext, Language>()

/** The same test with a browser of each language. */
export function test(name: string, run: (t: TestContext) => Promise<void>): void {
  for (const language of allLanguages) {
    testOnce(`${name} (${language})`, (t) => {
      languages.set(t, language)
      return run(t)
    })
  }
}

/** What the page says where the English one says this; data of a test stay as they are. */
export function say(page: Page, english: string): string {
  const language = languages.get(page.context()) ?? 'en'
  return translate(adminPages.en, adminPages[language], english) ?? english
}

function translate(from: unknown, to: unknown, english: string): string | undefined {
  if (typeof from === 'string') return from === english ? String(to) : undefined
  if (typeof from === 'function') return translateCall(from as Told, to as Told, english)
  for (const [name, part] of Object.entries(from ?? {})) {
    const found = translate(part, Object(to)[name], english)
    if (found !== undefined) return found
  }
  return undefined
}

type Told = (...parts: string[]) => string

function translateCall(from: Told, to: Told, english: string): string | undefined {
  const parts = Array.from({ length: from.length }, () => '\0')
  const pattern = from(...parts)
    .replaceAll(/[?.()]/g, '\\$&')
    .replaceAll('\0', '(.+)')
  const found = new RegExp(`^${pattern}$`).exec(english)
  return found ? to(...found.slice(1)) : undefined
}
