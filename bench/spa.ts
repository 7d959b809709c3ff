// npm run bench:spa: how large the application of examples/spa is, and how soon it is there, in an
// installed Chromium on a processor that is four times slower.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../test/support/browser.ts'
import { exampleFolder, startExample } from '../test/support/example.ts'

const SLOWER = 4
const ROUNDS = 7
/** A longer task delays the answer to a click (long task, W3C). */
const LONG_MS = 50

type Figures = { firstPaint: number; largestPaint: number; blocked: number; ready: number }

const { folder, remove } = exampleFolder()
const example = await startExample({ folder, args: ['--build'], env: { RATE_LIMITS: 'off' } })
const browser = await openBrowser()
try {
  sayFiles(join(folder, 'application'))
  for (const path of ['/', '/sign-in']) {
    const rounds: Figures[] = []
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push(await load(browser, example.app + path))
    }
    const median = (name: keyof Figures) =>
      `${Math.round(rounds.map((figures) => figures[name]).sort((a, b) => a - b)[ROUNDS >> 1] ?? 0)} ms`
    console.log(`${path}: first paint ${median('firstPaint')}, largest ${median('largestPaint')}`)
    console.log(`  blocked for ${median('blocked')}, ready at ${median('ready')}`)
  }
} finally {
  await browser.close()
  await example.stop()
  remove()
}

function sayFiles(built: string): void {
  const assets = join(built, 'assets')
  const page = readFileSync(join(built, 'index.html'), 'utf8')
  for (const name of readdirSync(assets).filter((file) => /\.(js|css)$/.test(file))) {
    const text = readFileSync(join(assets, name))
    const when = page.includes(name) ? 'at once' : 'later'
    const zipped = gzipSync(text, { level: 9 }).length
    console.log(`${name.padEnd(28)} ${text.length} bytes, gzipped ${zipped}, ${when}`)
  }
  console.log(`index.html ${statSync(join(built, 'index.html')).size} bytes`)
}

/** In a browser that has never been there. */
async function load(browser: Browser, address: string): Promise<Figures> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  const page = await context.newPage()
  const devTools = await context.newCDPSession(page)
  await devTools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  await page.addInitScript(`
    self.figures = { largestPaint: 0, blocked: 0, ready: 0 }
    const watch = (type, see) =>
      new PerformanceObserver((list) => list.getEntries().forEach(see)).observe({ type, buffered: true })
    watch('largest-contentful-paint', ({ startTime }) => (figures.largestPaint = startTime))
    watch('longtask', ({ startTime, duration }) => {
      figures.blocked += duration - ${LONG_MS}
      figures.ready = startTime + duration
    })`)
  await page.goto(address)
  await page.locator('main h1').waitFor()
  await page.waitForLoadState('networkidle')
  const figures = (await page.evaluate(`(() => {
    const firstPaint = performance.getEntriesByName('first-contentful-paint')[0].startTime
    return { ...figures, firstPaint, ready: Math.max(figures.ready, firstPaint) }
  })()`)) as Figures
  await context.close()
  return figures
}
