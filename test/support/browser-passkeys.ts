import type { TestContext } from 'node:test'
import type { CDPSession, Page } from 'playwright-core'
import { openBrowser } from './browser.ts'

/** How a virtual authenticator differs from the usual one, as the DevTools protocol names it. */
type Traits = { hasUserVerification?: boolean; isUserVerified?: boolean } & Record<
  `defaultBackup${'Eligibility' | 'State'}`,
  boolean
>

export type BrowserWithPasskeys = Awaited<ReturnType<typeof openPasskeyBrowser>>

/** Chromium with an authenticator that needs no hands (WebAuthn 3, 11). */
export async function openPasskeyBrowser(t: TestContext, traits: Partial<Traits> = {}) {
  const browser = await openBrowser()
  t.after(() => browser.close())
  const page = await browser.newPage()
  await page.route('**/blank', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html><title>Blank</title><input autocomplete="username webauthn">',
    }),
  )
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('WebAuthn.enable')
  const authenticatorId = await addAuthenticator(devTools, traits)
  return { page, devTools, authenticatorId }
}

export async function addAuthenticator(
  devTools: CDPSession,
  traits: Partial<Traits> = {},
): Promise<string> {
  const usual = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true } as const
  const hands = { hasUserVerification: true, isUserVerified: true }
  const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...usual, ...hands, automaticPresenceSimulation: true, ...traits },
  })
  return authenticatorId
}

/** An empty page of a port of this machine. */
export function goTo({ page }: { page: Page }, port: number) {
  return page.goto(`http://localhost:${port}/blank`)
}

/** Makes a credential, as a page does. @returns it, or the name of the error */
export function createIn({ page }: { page: Page }, options: object): Promise<object | string> {
  return page.evaluate(
    `(async (json) => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json)
      return (await navigator.credentials.create({ publicKey })).toJSON()
    })(${JSON.stringify(options)}).catch(({ name }) => name)`,
  )
}

/** Uses one, as a page does. @returns it, or the name of the error */
export function useIn(
  { page }: { page: Page },
  options: object,
  mediation = 'optional',
): Promise<object | string> {
  return page.evaluate(
    `(async (json) => {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json)
      const how = { publicKey, mediation: '${mediation}' }
      return (await navigator.credentials.get(how)).toJSON()
    })(${JSON.stringify(options)}).catch(({ name }) => name)`,
  )
}
