import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PATHS } from '../../examples/spa/src/auth/paths.ts'
import { SPA } from './spa.ts'
import type { SpaPage } from './spa-pages.ts'
import {
  addPasskey,
  askForCode,
  askForMail,
  askForProof,
  askToDelete,
  conflict,
  failToLoad,
  goOffline,
  guessPassword,
  loseServer,
  makeCodes,
  openMenu,
  openPhoto,
  pressFirst,
  registerWrongly,
  signInWithApp,
  signInWithPassword,
  signInWithRecoveryCode,
  submitEmpty,
  uploadText,
} from './spa-states.ts'

// Everything that the application can look like: each page, and its states.

/** Nobody, or a person of the example. */
export type Who = 'guest' | 'hedy' | 'alan' | 'ada'

/** A page as one sees it. */
export type Look = {
  /** Of its picture. */
  name: string
  /** As the route tables have it. */
  route: string
  who: Who
  /** Where it differs from the route. */
  address?: string
  /** What has happened on it. */
  act?: (page: SpaPage) => Promise<void>
}

const ANY_NOTE = '/notes/:id'
const LINK = (purpose: string) => `${PATHS.mail}#purpose=${purpose}&challenge=abc&code=12345678`

/** Every path of the route tables; those of `auth/` are its `PATHS`. */
export function allRoutes(): string[] {
  const table = readFileSync(join(SPA, 'src/pages/index.ts'), 'utf8')
  const own = [...table.matchAll(/^ {2}'(\/.*)': \w+Page,$/gm)].map(([, path]) => String(path))
  return [...new Set([...own, ...Object.values(PATHS)])]
}

/** All that there is to see. @param ids of a note, of a house of ada, and of one of grace */
export function allLooks(ids: { note: string; house: string; foreign: string }): Look[] {
  const note = `/notes/${ids.note}`
  const house = `/houses/${ids.house}`
  return [
    ...guestLooks(),
    ...newcomerLooks(),
    ...factorLooks(),
    ...accountLooks(),
    see('ada', 'dashboard', PATHS.home),
    see('ada', 'dashboard-failed', PATHS.home, { act: failToLoad }),
    see('ada', 'menu', PATHS.home, { act: openMenu }),
    see('ada', 'offline', '/notes/new', { act: goOffline }),
    see('ada', 'notes', '/notes'),
    see('ada', 'note-new', '/notes/new'),
    see('ada', 'note-new-wrong', '/notes/new', { act: submitEmpty }),
    see('ada', 'note', ANY_NOTE, { address: note }),
    see('ada', 'note-delete', ANY_NOTE, { address: note, act: askToDelete }),
    see('ada', 'note-edit', `${ANY_NOTE}/edit`, { address: `${note}/edit` }),
    see('ada', 'note-conflict', `${ANY_NOTE}/edit`, { address: `${note}/edit`, act: conflict }),
    see('ada', 'houses', '/houses'),
    see('ada', 'houses-none', '/houses', { address: '/houses?q=zzz&mine=yes' }),
    see('ada', 'house-new', '/houses/new'),
    see('ada', 'house', '/houses/:id', { address: house }),
    see('ada', 'house-upload', '/houses/:id', { address: house, act: uploadText }),
    see('ada', 'photo', '/houses/:id', { address: house, act: openPhoto }),
    see('ada', 'house-foreign', '/houses/:id', { address: `/houses/${ids.foreign}` }),
    see('ada', 'house-edit', '/houses/:id/edit', { address: `${house}/edit` }),
  ]
}

function see(who: Who, name: string, route: string, rest: Partial<Look> = {}): Look {
  return { who, name, route, ...rest }
}

function guestLooks(): Look[] {
  return [
    see('guest', 'welcome', '/'),
    see('guest', 'sign-in', PATHS.signIn),
    see('guest', 'sign-in-empty', PATHS.signIn, { act: submitEmpty }),
    see('guest', 'sign-in-wrong', PATHS.signIn, { act: guessPassword }),
    see('guest', 'second-factor', PATHS.signIn, { act: signInWithPassword }),
    see('guest', 'second-factor-app', PATHS.signIn, { act: signInWithApp }),
    see('guest', 'recovery-code', PATHS.signIn, { act: signInWithRecoveryCode }),
    see('guest', 'sign-in-code', PATHS.signInByMail),
    see('guest', 'sign-in-code-sent', PATHS.signInByMail, { act: askForCode }),
    see('guest', 'provider', PATHS.provider, { address: `${PATHS.provider}#error=access_denied` }),
    see('guest', 'register', PATHS.register),
    see('guest', 'register-wrong', PATHS.register, { act: registerWrongly }),
    see('guest', 'forgot', PATHS.forgotPassword),
    see('guest', 'forgot-sent', PATHS.forgotPassword, { act: askForCode }),
    see('guest', 'mail-broken', PATHS.mail),
    see('guest', 'mail-verify', PATHS.mail, { address: LINK('verify_email') }),
    see('guest', 'mail-reset', PATHS.mail, { address: LINK('reset_password') }),
    see('guest', 'mail-invite', PATHS.mail, { address: LINK('accept_invite') }),
    see('guest', 'mail-undo', PATHS.mail, { address: LINK('undo_email') }),
    see('guest', 'goodbye', PATHS.goodbye),
    see('guest', 'account-deleted', PATHS.removed),
    see('guest', 'not-found', '/nowhere'),
  ]
}

/** An address that is not verified, and nothing written yet. */
function newcomerLooks(): Look[] {
  return [
    see('hedy', 'dashboard-new', PATHS.home),
    see('hedy', 'notes-none', '/notes'),
    see('hedy', 'verify-email', PATHS.verifyEmail),
    see('hedy', 'verify-email-sent', PATHS.verifyEmail, { act: askForMail }),
    see('hedy', 'account-new', PATHS.account),
    see('hedy', 'email-new', PATHS.email),
    see('hedy', 'recovery-none', PATHS.recovery),
    see('hedy', 'no-server', PATHS.home, { act: loseServer }),
  ]
}

/** With an authenticator app and a passkey. */
function factorLooks(): Look[] {
  return [
    see('alan', 'methods-all', PATHS.methods),
    see('alan', 'methods-remove', PATHS.methods, { act: pressFirst('.list .button:last-child') }),
    see('alan', 'methods-off', PATHS.methods, { act: pressFirst('.card > .row > .button') }),
    see('alan', 'recovery', PATHS.recovery),
    see('alan', 'recovery-codes', PATHS.recovery, { act: makeCodes }),
  ]
}

function accountLooks(): Look[] {
  return [
    see('ada', 'account', PATHS.account),
    see('ada', 'profile', PATHS.profile),
    see('ada', 'email', PATHS.email),
    see('ada', 'password', PATHS.password),
    see('ada', 'password-wrong', PATHS.password, { act: submitEmpty }),
    see('ada', 'methods', PATHS.methods),
    see('ada', 'add-passkey', PATHS.methods, { act: addPasskey }),
    see('ada', 'add-app', PATHS.addApp),
    see('ada', 'devices', PATHS.sessions),
    see('ada', 'devices-end', PATHS.sessions, { act: pressFirst('.button-danger') }),
    see('ada', 'step-up', PATHS.sessions, { act: askForProof }),
    see('ada', 'activity', PATHS.activity),
    see('ada', 'data', PATHS.data),
    see('ada', 'delete', PATHS.remove),
    see('ada', 'delete-wrong', PATHS.remove, { act: submitEmpty }),
  ]
}
