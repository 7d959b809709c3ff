// npm run example:pictures [-- --only <pattern>] [-- --docs]: pictures of every page of
// examples/spa, to be compared by eye; with --docs those of docs/images.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { openBrowser } from '../../support/browser.ts'
import { exampleFolder, startExample } from '../../support/example.ts'
import { ROOT } from '../../support/process.ts'
import { leave, openVisits, show, speak, type Visits } from '../../support/spa-visits.ts'

type Picture = {
  look: string
  language: string
  colorScheme: 'light' | 'dark'
  width: number
  /** Without one, all of the page. */
  height?: number
  path: string
}

const WIDTHS = [360, 390, 768, 1280, 1600]
const LANGUAGES = ['en', 'zh-CN']
const FOLDER = join(ROOT, 'data/pictures')

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, docs: { type: 'boolean', default: false } },
})
const { folder, remove } = exampleFolder()
const example = await startExample({ folder, args: ['--build'], env: { RATE_LIMITS: 'off' } })
const browser = await openBrowser()
try {
  const visits = await openVisits({ example, browser, folder })
  const pictures = values.docs ? forDocs() : ofEverything(visits)
  mkdirSync(values.docs ? join(ROOT, 'docs/images') : FOLDER, { recursive: true })
  for (const language of LANGUAGES) {
    for (const page of Object.values(visits.people)) await speak(page, language)
    await take(
      visits,
      pictures.filter((picture) => picture.language === language),
    )
  }
} finally {
  await browser.close()
  await example.stop()
  remove()
}

function forDocs(): Picture[] {
  const picture = (name: string, look: string, rest: Partial<Picture> = {}): Picture => ({
    ...{ look, language: 'en', colorScheme: 'light', width: 1280, height: 800 },
    ...{ path: join(ROOT, 'docs/images', `${name}.png`), ...rest },
  })
  return [
    picture('welcome', 'welcome'),
    picture('sign-in', 'sign-in'),
    picture('ways-to-sign-in', 'methods-all', { colorScheme: 'dark' }),
    picture('devices', 'devices', { language: 'zh-CN' }),
    picture('house', 'house', { colorScheme: 'dark', width: 768, height: 700 }),
    picture('dashboard', 'dashboard'),
  ]
}

function ofEverything({ looks }: Visits): Picture[] {
  const pattern = new RegExp(values.only)
  const views = LANGUAGES.flatMap((language) =>
    WIDTHS.flatMap((width) =>
      (['light', 'dark'] as const).map((colorScheme) => ({ language, width, colorScheme })),
    ),
  )
  return looks
    .filter(({ name }) => pattern.test(name))
    .flatMap(({ name: look }) =>
      views.map((view) => {
        const name = `${look}-${view.width}-${view.colorScheme}-${view.language}.png`
        return { ...view, look, path: join(FOLDER, name) }
      }),
    )
}

/** Opens each look once. */
async function take(visits: Visits, pictures: Picture[]): Promise<void> {
  for (const look of visits.looks) {
    const mine = pictures.filter((picture) => picture.look === look.name)
    if (mine.length === 0) continue
    const page = await show(visits, look)
    // The keyboard and the pointer are elsewhere.
    await page.mouse.move(0, 0)
    for (const { width, height, colorScheme, path } of mine) {
      await page.setViewportSize({ width, height: height ?? width })
      await page.emulateMedia({ colorScheme })
      await page.waitForLoadState('networkidle')
      const picture = await page.screenshot({ fullPage: height === undefined })
      await sharp(picture).png({ palette: true, effort: 10 }).toFile(path)
    }
    await leave(page)
  }
}
