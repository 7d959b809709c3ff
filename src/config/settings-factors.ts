import { duration } from './readers.ts'
import { setting } from './setting.ts'

/** Settings of second factors and of steps that need a recent proof. */
export const factorSettings = {
  stepUpSeconds: setting('STEP_UP_MAX_AGE', {
    default: '10m',
    read: duration('1m', '1d'),
    description:
      'How old the last proof of identity may be at a sensitive step, such as adding a factor: 1m to 1d. After that the server asks for another one ([factors.md](factors.md)).',
  }),
  trustedDeviceSeconds: setting('TRUSTED_DEVICE_TTL', {
    default: '30d',
    read: duration('0s', '400d'),
    description:
      'How long a browser may leave out the second factor when its user has asked for it (`trustDevice`): up to 400d; `0s` asks for the factor at every sign-in.',
  }),
}
