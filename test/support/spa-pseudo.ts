import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { clientSources, SPA } from './spa.ts'
import type { Scene } from './spa-pages.ts'
import { settle } from './spa-visits.ts'

// The application in the pseudo language, which only a build for tests has.

/** From now on, the example serves that, and these pages show each text in ⟦brackets⟧. */
export async function disguise({ example, folder }: Scene, pages: Page[]): Promise<void> {
  process.env.VITE_API_URL = example.api
  await build({
    ...{ root: SPA, configFile: join(SPA, 'vite.config.ts'), mode: 'test', logLevel: 'error' },
    resolve: { alias: clientSources() },
    build: { outDir: join(folder, 'application'), emptyOutDir: true, minify: false },
  })
  delete process.env.VITE_API_URL
  for (const page of pages) {
    await page.evaluate("sessionStorage.setItem('lang', 'pseudo')")
    await page.reload()
    await settle(page)
  }
}

/**
 * The words, names and hints that come from no catalogue. What people and programs wrote stands in
 * elements with `translate="no"`, or is a time.
 */
export async function undisguised(page: Page): Promise<string[]> {
  const texts = (await page.evaluate(TEXTS)) as string[]
  return texts.filter((text) => /\p{Letter}/u.test(withoutDisguised(text)))
}

const TEXTS = `(() => {
  const NAMES = ['aria-label', 'placeholder', 'title', 'alt']
  const texts = []
  for (const element of document.querySelectorAll('#app, #app *')) {
    if (element.closest('[translate=no], time')) continue
    texts.push(...NAMES.map((name) => element.getAttribute(name) ?? ''))
    for (const node of element.childNodes) if (node.nodeType === 3) texts.push(node.nodeValue)
  }
  return texts
})()`

/** One text may be within another one. */
function withoutDisguised(text: string): string {
  const rest = text.replace(/⟦[^⟦⟧]*⟧/g, '')
  return rest === text ? text : withoutDisguised(rest)
}
