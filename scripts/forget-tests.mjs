// For programs of tests: lets Node's test runner stop following promises.
import { createHook } from 'node:async_hooks'

const hooks = Object.getPrototypeOf(createHook({}))
const { enable } = hooks
let followers = []

hooks.enable = function () {
  const [, , caller = ''] = new Error().stack.split('\n')
  if (caller.includes('node:internal/test_runner')) followers = [...followers, this]
  return enable.call(this)
}

/**
 * The runner follows each promise to its test by hooks, for a tenth of the processor time. To be
 * called once all tests are declared; of an error that nobody catches the report then says that it
 * failed the program, and no longer in which test.
 */
export function forgetTests() {
  for (const hook of followers) hook.disable()
}
