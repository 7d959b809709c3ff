import { test as base, expect } from '@playwright/test'
import { startLatchkey, type TestLatchkey } from 'latchkey/testing'

// One server for each worker, and an empty one for each test.
const test = base.extend<{ latchkey: TestLatchkey }, { server: TestLatchkey }>({
  server: [
    async ({}, use) => {
      const server = await startLatchkey()
      await use(server)
      await server.close()
    },
    { scope: 'worker' },
  ],
  latchkey: async ({ server }, use) => {
    await server.reset()
    await use(server)
  },
})

test('a forgotten password is replaced, though the network breaks once', async ({
  page,
  latchkey,
}) => {
  const ada = await latchkey.aUser()
  await page.request.post(`${latchkey.url}/challenges`, {
    data: { purpose: 'reset_password', login: ada.email },
  })
  const mail = await latchkey.lastMail(ada)

  await page.goto(mail.link ?? '')
  await page.getByLabel('New password', { exact: true }).fill('a quite different sentence')
  await page.getByLabel('New password again').fill('a quite different sentence')
  await latchkey.dropNextResponse({ path: '/challenges/answer' })
  await page.getByRole('button').click()
  await expect(page.getByRole('status')).toContainText('no connection')

  await page.getByRole('button').click()
  await expect(page.getByRole('status')).toHaveClass('good')
})

test('a browser that has a session refreshes it with its cookie', async ({ context, latchkey }) => {
  const ada = await latchkey.signedIn({}, { transport: 'cookie' })
  await context.addCookies(ada.cookies)

  const refreshed = await context.request.post(`${latchkey.url}/refresh`, {
    headers: { origin: latchkey.url },
    data: {},
  })
  expect(refreshed.status()).toBe(200)
})
