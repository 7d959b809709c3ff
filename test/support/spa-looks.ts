import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SPA, spaModule } from './spa.ts'
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
const LINK = (purpose: string) => `/mail#purpose=${purpose}&challenge=abc&code=12345678`

/** Every path of the route tables; those of `auth/` are its `PATHS`. */
export async function allRoutes(): Promise<string[]> {
  const { PATHS } = await spaModule<{ PATHS: Record<string, string> }>('auth/paths.ts')
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
    see('ada', 'dashboard', '/dashboard'),
    see('ada', 'dashboard-failed', '/dashboard', { act: failToLoad }),
    see('ada', 'menu', '/dashboard', { act: openMenu }),
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
    see('guest', 'sign-in', '/sign-in'),
    see('guest', 'sign-in-empty', '/sign-in', { act: submitEmpty }),
    see('guest', 'sign-in-wrong', '/sign-in', { act: guessPassword }),
    see('guest', 'second-factor', '/sign-in', { act: signInWithPassword }),
    see('guest', 'second-factor-app', '/sign-in', { act: signInWithApp }),
    see('guest', 'recovery-code', '/sign-in', { act: signInWithRecoveryCode }),
    see('guest', 'sign-in-code', '/sign-in/code'),
    see('guest', 'sign-in-code-sent', '/sign-in/code', { act: askForCode }),
    see('guest', 'provider', '/sign-in/provider', {
      address: `/sign-in/provider#error=access_denied`,
    }),
    see('guest', 'register', '/register'),
    see('guest', 'register-wrong', '/register', { act: registerWrongly }),
    see('guest', 'forgot', '/forgot-password'),
    see('guest', 'forgot-sent', '/forgot-password', { act: askForCode }),
    see('guest', 'mail-broken', '/mail'),
    see('guest', 'mail-verify', '/mail', { address: LINK('verify_email') }),
    see('guest', 'mail-reset', '/mail', { address: LINK('reset_password') }),
    see('guest', 'mail-invite', '/mail', { address: LINK('accept_invite') }),
    see('guest', 'mail-undo', '/mail', { address: LINK('undo_email') }),
    see('guest', 'goodbye', '/goodbye'),
    see('guest', 'account-deleted', '/account-deleted'),
    see('guest', 'not-found', '/nowhere'),
  ]
}

/** An address that is not verified, and nothing written yet. */
function newcomerLooks(): Look[] {
  return [
    see('hedy', 'dashboard-new', '/dashboard'),
    see('hedy', 'notes-none', '/notes'),
    see('hedy', 'verify-email', '/verify-email'),
    see('hedy', 'verify-email-sent', '/verify-email', { act: askForMail }),
    see('hedy', 'account-new', '/account'),
    see('hedy', 'email-new', '/account/email'),
    see('hedy', 'recovery-none', '/account/recovery-codes'),
    see('hedy', 'no-server', '/dashboard', { act: loseServer }),
  ]
}

/** With an authenticator app and a passkey. */
function factorLooks(): Look[] {
  return [
    see('alan', 'methods-all', '/account/sign-in'),
    see('alan', 'methods-remove', '/account/sign-in', {
      act: pressFirst('.list .button:last-child'),
    }),
    see('alan', 'methods-off', '/account/sign-in', { act: pressFirst('.card > .row > .button') }),
    see('alan', 'recovery', '/account/recovery-codes'),
    see('alan', 'recovery-codes', '/account/recovery-codes', { act: makeCodes }),
  ]
}

function accountLooks(): Look[] {
  return [
    see('ada', 'account', '/account'),
    see('ada', 'profile', '/account/profile'),
    see('ada', 'email', '/account/email'),
    see('ada', 'password', '/account/password'),
    see('ada', 'password-wrong', '/account/password', { act: submitEmpty }),
    see('ada', 'methods', '/account/sign-in'),
    see('ada', 'add-passkey', '/account/sign-in', { act: addPasskey }),
    see('ada', 'add-app', '/account/sign-in/app'),
    see('ada', 'devices', '/account/devices'),
    see('ada', 'devices-end', '/account/devices', { act: pressFirst('.button-danger') }),
    see('ada', 'step-up', '/account/devices', { act: askForProof }),
    see('ada', 'activity', '/account/activity'),
    see('ada', 'data', '/account/data'),
    see('ada', 'delete', '/account/delete'),
    see('ada', 'delete-wrong', '/account/delete', { act: submitEmpty }),
  ]
}
