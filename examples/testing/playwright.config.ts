import { defineConfig } from '@playwright/test'

// CHROMIUM names an installed browser; without it Playwright uses the one that it has downloaded.
const executablePath = process.env.CHROMIUM

export default defineConfig({
  testMatch: 'playwright.spec.ts',
  reporter: 'line',
  // A machine that does a lot besides takes its time.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  use: executablePath ? { launchOptions: { executablePath, args: ['--no-sandbox'] } } : {},
})
