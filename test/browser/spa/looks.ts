// How every page of examples/spa looks and reads, in both themes and both languages: npm run
// test:browser (CHROMIUM=<path> names another).

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { PASSWORD } from '../../../scripts/example/people.ts'
import { untilTrue } from '../../support/browser.ts'
import { allRoutes, type Look } from '../../support/spa-looks.ts'
import {
  assertAccessible,
  heading,
  openTab,
  type SpaPage,
  spaScene,
} from '../../support/spa-pages.ts'
import { disguise, undisguised } from '../../support/spa-pseudo.ts'
import { leave, openVisits, show, speak, type Visits, visit } from '../../support/spa-visits.ts'

const SMALL = { width: 360, height: 740 }
const LARGE = { width: 1280, height: 900 }
/** Each theme at each size, and each language in both. */
const VIEWS = {
  en: [
    { colorScheme: 'light', size: SMALL },
    { colorScheme: 'dark', size: LARGE },
  ],
  'zh-CN': [
    { colorScheme: 'light', size: LARGE },
    { colorScheme: 'dark', size: SMALL },
  ],
} as const

type Facts = { lang: string; headings: number; isTitled: boolean; focus: string }
/** What every page has. */
const FACTS = `(() => {
  const titles = [...document.querySelectorAll('h1')].filter((title) => title.checkVisibility())
  return {
    lang: document.documentElement.lang,
    headings: titles.length,
    isTitled: document.title === titles[0]?.textContent + ' · Latchkey',
    focus: document.activeElement?.tagName,
  }
})()`

const scene = await spaScene()
let visits: Visits

before(async () => {
  visits = await openVisits(scene)
})

test('Every route of the application is among the looks', async () => {
  const seen = new Set(visits.looks.map(({ route }) => route))

  const routes = await allRoutes()
  assert.ok(routes.length > 20, routes.join())
  assert.deepEqual(
    routes.filter((route) => !seen.has(route)),
    [],
  )
})

for (const language of ['en', 'zh-CN'] as const) {
  test(`Every look in ${language} is accessible in both themes, and fits its screen`, async () => {
    for (const page of people()) await speak(page, language)
    await everyLook(async (page, look) => {
      // Behind the first picture of the page.
      await untilTrue(page, `(${FACTS}).isTitled`).catch(() => undefined)
      const { focus, ...facts } = (await page.evaluate(FACTS)) as Facts
      assert.deepEqual(facts, { lang: language, headings: 1, isTitled: true }, look.name)
      if (!look.act) assert.equal(focus, 'H1', `${look.name}: the focus is on the title`)
      for (const { colorScheme, size } of VIEWS[language]) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize(size)
        await assertAccessible(page, `${look.name} in ${colorScheme}`)
      }
    })
  })
}

test('A keyboard alone signs in, and opens and closes a dialog', async () => {
  const context = await scene.browser.newContext({ locale: 'en', reducedMotion: 'reduce' })
  const page = await openTab(context, `${scene.example.app}/sign-in`)
  await heading(page, 'Sign in')

  await tabTo(page, 'Skip to content')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Username or e-mail address', 1)
  await page.keyboard.type('ada')
  await tabTo(page, 'Password', 2)
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await heading(page, 'Dashboard')
  await visit(page, visits.looks.find(({ name }) => name === 'note')?.address ?? '')
  await tabTo(page, 'Delete')
  await page.keyboard.press('Enter')
  await page.locator('dialog :focus').waitFor()
  await tabTo(page, 'Close', 3)
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
  // The button gets the focus back a moment later.
  await untilTrue(page, "document.activeElement.textContent.trim() === 'Delete'")

  assert.deepEqual(page.complaints, [])
  await context.close()
})

test('Every word of the application comes from a catalogue, or from people', async () => {
  for (const page of people()) await speak(page, 'en')
  await disguise(scene, people())
  let disguised = 0

  await everyLook(async (page, look) => {
    assert.deepEqual(await undisguised(page), [], look.name)
    disguised += await page.getByText('⟦').count()
  })

  assert.ok(disguised > visits.looks.length, `${disguised} disguised texts`)
})

function people(): SpaPage[] {
  return Object.values(visits.people)
}

/** Each person goes through their own, all at the same time. */
async function everyLook(check: (page: SpaPage, look: Look) => Promise<void>): Promise<void> {
  const goThrough = async (looks: Look[]) => {
    for (const look of looks) {
      const page = await show(visits, look)
      await check(page, look)
      await leave(page)
      assert.deepEqual(page.complaints, [], look.name)
    }
  }
  const names = Object.keys(visits.people)
  await Promise.all(names.map((name) => goThrough(visits.looks.filter(({ who }) => who === name))))
}

/** @param most so many steps, at most */
async function tabTo(page: SpaPage, name: string, most = 12): Promise<void> {
  const passed: string[] = []
  while (passed.at(-1) !== name) {
    assert.ok(passed.length < most, `${name} is behind ${passed}`)
    await page.keyboard.press('Tab')
    passed.push(await focused(page))
  }
}

/** The name of what has the focus. */
function focused(page: SpaPage): Promise<string> {
  return page.evaluate(`(() => {
    const { ariaLabel, labels, textContent } = document.activeElement
    return (ariaLabel ?? labels?.[0]?.textContent ?? textContent).trim()
  })()`)
}
