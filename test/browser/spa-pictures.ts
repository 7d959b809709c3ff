// npm run example:pictures: pictures of every page of examples/spa, to be compared by eye.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openBrowser } from '../support/browser.ts'
import { leave, openVisits, show, speak } from '../support/spa-visits.ts'

const { values } = parseArgs({
  options: {
    app: { type: 'string' },
    provider: { type: 'string' },
    into: { type: 'string', default: '/tmp/spa5/shots' },
    only: { type: 'string', default: '' },
    widths: { type: 'string', default: '360,390,768,1280,1600' },
    themes: { type: 'string', default: 'light,dark' },
    languages: { type: 'string', default: 'en,zh-CN' },
  },
})
const browser = await openBrowser()
const example = { app: values.app, provider: values.provider } as never
const visits = await openVisits({ browser, example })
const wanted = visits.looks.filter(({ name }) => new RegExp(values.only).test(name))
mkdirSync(values.into, { recursive: true })
for (const language of values.languages.split(',')) {
  for (const page of Object.values(visits.people)) await speak(page, language)
  for (const look of wanted) {
    try {
      const page = await show(visits, look)
      for (const width of values.widths.split(',').map(Number)) {
        await page.setViewportSize({ width, height: width < 700 ? 780 : 900 })
        for (const colorScheme of values.themes.split(',') as ('light' | 'dark')[]) {
          await page.emulateMedia({ colorScheme })
          const path = join(values.into, `${look.name}-${width}-${colorScheme}-${language}.png`)
          await page.screenshot({ path, fullPage: true })
        }
      }
    } catch (error) {
      console.error(look.name, language, error)
    }
    await leave(visits.people[look.who])
  }
}
await browser.close()
