// runs once
// The account pages of examples/spa, as far as they need no browser.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { spaModule } from '../support/spa.ts'

type Account = {
  PATHS: Record<string, string>
  accountPages: Record<string, unknown>
  SECTIONS: { path: string }[]
  deviceName: (userAgent: string | null) => string
  chooseLanguage: (language: string) => void
}

let spa: Account
before(async () => {
  Object.assign(globalThis, { document: { documentElement: {} } })
  spa = await spaModule(
    ...['auth/paths.ts', 'auth/account/pages.ts', 'auth/account/sections.ts'],
    ...['auth/account/sessions/device.ts', 'auth/ui/language.ts'],
  )
})

test('each path of the account has a page, and the navigation leads to none that is missing', () => {
  const paths = Object.values(spa.PATHS).filter((path) => path.startsWith('/account'))

  assert.deepEqual(Object.keys(spa.accountPages).sort(), paths.sort())
  assert.deepEqual(
    spa.SECTIONS.map(({ path }) => path).filter((path) => !(path in spa.accountPages)),
    [],
  )
})

const SAFARI = 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2'
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0'
const DEVICES: [string | null, string][] = [
  ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox on Linux'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`, 'Chrome on Windows'],
  [`Mozilla/5.0 (Windows NT 10.0) ${CHROME} Safari/537.36 Edg/142.0.0.0`, 'Edge on Windows'],
  [`Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`, 'Chrome on Android'],
  [
    `Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    'Samsung Internet on Android',
  ],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${SAFARI} Safari/605.1.15`, 'Safari on macOS'],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) ${SAFARI} Mobile/15E148 Safari/604.1`,
    'Safari on iPhone',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1',
    'Chrome on iPhone',
  ],
  ['okhttp/4.12.0', 'okhttp'],
  ['curl/8.5.0', 'curl'],
  ['(nothing to say)', 'Unknown device'],
  [null, 'Unknown device'],
]

test('a device has the name that people give it', () => {
  for (const [userAgent, name] of DEVICES) assert.equal(spa.deviceName(userAgent), name)

  spa.chooseLanguage('zh-CN')
  const [[firefox] = [null]] = DEVICES
  assert.equal(spa.deviceName(firefox), 'Linux 上的 Firefox')
})
