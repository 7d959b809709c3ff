// The whole way through an account, with the API on another origin and on the application's own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spaWorld } from '../../support/spa-world.ts'
import {
  comeFromProvider,
  forgetPassword,
  newcomer,
  register,
  signInByAddress,
  signInByMail,
  signInByName,
  signOut,
  type Traveller,
  usePasskey,
  useSecondFactor,
  verify,
} from './arriving.ts'
import {
  changeAddress,
  changePassword,
  deleteAccount,
  endOtherSessions,
  exportData,
  readActivity,
  write,
} from './settling.ts'

const STEPS: ((traveller: Traveller) => Promise<void>)[] = [
  ...[register, verify, signOut],
  ...[signInByName, signOut, signInByAddress, signOut, signInByMail, signOut, forgetPassword],
  ...[write, endOtherSessions, useSecondFactor, usePasskey, comeFromProvider],
  ...[changePassword, changeAddress, exportData, readActivity, deleteAccount],
]

for (const way of ['across origins', 'on one origin'] as const) {
  const world = await spaWorld(way)
  test(`The whole journey in cookie transport, ${way}`, async () => {
    const traveller = await newcomer(world, 'traveller')

    for (const step of STEPS) {
      await step(traveller).catch(async (cause) => {
        const shown = await traveller.page.locator('body').ariaSnapshot()
        throw new Error(`${step.name}: ${cause.message}\n${shown}`, { cause })
      })
    }

    assert.deepEqual(traveller.page.complaints, [])
    await traveller.page.context().close()
  })
}
