// Gathers what the document cannot say about requests: their order in a run, and what they hand on.
import { existsSync, readFileSync } from 'node:fs'

/**
 * Each feature describes its operations in `src/features/<feature>/postman.mjs`:
 * - `requests`: operations by name, in the order of a run; `last`: those that delete something
 * - `walk`: a folder with a `name`, a `description` and `steps`, each a request with an `operation`;
 *   an operation may be several steps, each with a `name`
 * - `variables`: names of variables; `sources`: the request that sets a variable, for the advice
 * - `fields`: values of fields in bodies, instead of the document's examples
 * A request has
 * - `status`: its status in a run
 * - `path`, `headers`: values of its path variables and headers
 * - `hasOwnToken`: it needs no access token
 * - `hasBody`: false to omit the body of the document; `body`: one instead of it
 * - `query`: parameters that are sent
 * - `needs`: a variable; without it the request is skipped
 * - `given`: constants of its scripts
 * - `keep`: variables to set from the response, as code; `forget`: variables to empty
 * `postman-scripts/<operation>.before.js` and `.after.js` are further scripts.
 */
const described = await Promise.all(
  [...featureNames(), 'openapi']
    .map(fileOf)
    .filter(existsSync)
    .map((file) => import(file)),
)

/** Deletions come last, whatever their tag. */
const END = {
  name: 'Delete and sign out',
  description: 'The last of a run through the collection.',
}

/** `[operation, request]` in the order of a run. The folder is the operation's tag by default. */
export const REQUESTS = [
  ...Object.entries(together('requests')),
  ...described.flatMap(({ walk }) => (walk ? stepsOf(walk) : [])),
  ...inFolder(END, Object.assign({}, ...described.toReversed().map(({ last }) => last))),
]

export const SOURCES = together('sources')

export const FIELDS = {
  username: '{{username}}',
  email: '{{username}}@example.com',
  password: '{{password}}',
  passwordConfirm: '{{password}}',
  currentPassword: '{{password}}',
  newPassword: '{{newPassword}}',
  newPasswordConfirm: '{{newPassword}}',
  refresh_token: '{{refreshToken}}',
  transport: 'body',
  ...together('fields'),
}

/** Name, value, and whether Postman hides it. */
export const VARIABLES = [
  ['baseUrl', 'http://localhost:3000'],
  ['username', ''],
  ['password', 'correct horse battery staple', 'secret'],
  ['newPassword', 'a quite different sentence', 'secret'],
  ['accessToken', '', 'secret'],
  ['refreshToken', '', 'secret'],
  ['refreshAt', ''],
  ['refreshKey', ''],
  ...described.flatMap(({ variables = [] }) => variables.map((name) => [name, ''])),
]

/** The form of a photo uploads it; lies beside the collection. */
export const PICTURE = 'house.png'

/** In the order of `src/features.ts`: `signInFeature` is in the folder `sign-in`. */
function featureNames() {
  const list = readFileSync(new URL('../src/features.ts', import.meta.url), 'utf8')
  return [...list.matchAll(/^ {2}(\w+)Feature,$/gm)].map(([, name]) =>
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  )
}

function fileOf(feature) {
  return new URL(`../src/features/${feature}/postman.mjs`, import.meta.url)
}

function together(part) {
  return Object.assign({}, ...described.map((feature) => feature[part]))
}

function stepsOf({ steps, ...folder }) {
  return steps.map(({ operation, ...request }) => [operation, { folder, ...request }])
}

function inFolder(folder, requests) {
  return Object.entries(requests).map(([operation, request]) => [operation, { folder, ...request }])
}
