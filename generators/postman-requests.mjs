// What the document cannot say about a request: its place in a run from top to bottom, and what it hands on.

const SESSION = ['accessToken', 'refreshToken', 'refreshAt', 'refreshKey']
const ETAG = "pm.response.headers.get('ETag')"
const IS_HOUSE = { path: { id: '{{houseId}}' } }
const IS_PHOTO = { path: { id: '{{houseId}}', photoId: '{{photoId}}' } }
const IF_UNCHANGED = { headers: { 'if-match': '{{houseEtag}}' } }

/** What takes something away for good comes last, whatever its tag. */
const END = {
  name: 'Delete and sign out',
  description: 'The last of a run through the collection.',
}

/**
 * Every operation, in the order of a run. The folder is the tag of the operation, if none is given.
 * - `status`: what it answers in a run
 * - `path`, `headers`: values of its path variables, and of the headers that it sends
 * - `hasOwnToken`: it brings what it needs, and the access token is left out
 * - `hasBody`: false where the body of the document is left out
 * - `keep`: variables to set from the answer, as code; `forget`: variables to empty
 * A file `postman-scripts/<operation>.before.js` or `.after.js` is a script of its own.
 */
export const REQUESTS = {
  register: { status: [201] },
  getMe: { status: [200] },
  updateMe: { status: [200] },
  getDashboard: { status: [200] },
  changePassword: { status: [200] },
  login: { status: [200] },
  refresh: {
    status: [200],
    hasOwnToken: true,
    headers: { 'idempotency-key': '{{refreshKey}}' },
  },
  verifyToken: { status: [200] },
  listSessions: {
    status: [200],
    keep: { sessionId: "pm.response.json().items.find(({ current }) => !current)?.id ?? ''" },
  },
  revokeSession: { status: [204], path: { id: '{{sessionId}}' }, forget: ['sessionId'] },
  revokeOtherSessions: { status: [200] },
  createHouse: {
    status: [201],
    headers: { 'idempotency-key': '{{$randomUUID}}' },
    keep: { houseId: 'pm.response.json().id', houseEtag: ETAG },
  },
  listHouses: { status: [200] },
  getHouse: { status: [200], ...IS_HOUSE, keep: { houseEtag: ETAG } },
  replaceHouse: { status: [200], ...IS_HOUSE, ...IF_UNCHANGED, keep: { houseEtag: ETAG } },
  updateHouse: { status: [200], ...IS_HOUSE, ...IF_UNCHANGED, keep: { houseEtag: ETAG } },
  addPhoto: { status: [201], ...IS_HOUSE, keep: { photoId: 'pm.response.json().id' } },
  listPhotos: { status: [200], ...IS_HOUSE },
  getPhoto: { status: [200], ...IS_PHOTO },
  deletePhoto: { status: [204], ...IS_PHOTO, forget: ['photoId'] },
  getLive: { status: [200] },
  getReady: { status: [200] },
  getJwks: { status: [200] },
  getOAuthMetadata: { status: [200] },
  getOpenIdMetadata: { status: [200] },
  listProblems: { status: [200] },
  getProblem: { status: [200], path: { code: 'invalid_credentials' } },
  getOpenApiJson: { status: [200] },
  getOpenApiYaml: { status: [200] },
  getClient: { status: [200] },
  // Figures are off unless METRICS=on.
  getMetrics: { status: [200, 404] },
  deleteHouse: {
    folder: END,
    status: [204],
    ...IS_HOUSE,
    ...IF_UNCHANGED,
    forget: ['houseId', 'houseEtag', 'photoId'],
  },
  logout: { folder: END, status: [200], hasBody: false, forget: SESSION },
  deleteMe: { folder: END, status: [204], forget: SESSION },
}

/** The request whose answer sets the variable, for the advice when it is empty. */
export const SOURCES = { houseId: 'createHouse', photoId: 'addPhoto', sessionId: 'listSessions' }

/** Fields of bodies whose values are variables, whatever the example of the document says. */
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
  projectNo: '{{projectNo}}',
}

/** The variables of the environment: name, value, and whether Postman hides it. */
export const VARIABLES = [
  ['baseUrl', 'http://localhost:3000'],
  ['username', ''],
  ['password', 'correct horse battery staple', 'secret'],
  ['newPassword', 'a quite different sentence', 'secret'],
  ['accessToken', '', 'secret'],
  ['refreshToken', '', 'secret'],
  ['refreshAt', ''],
  ['refreshKey', ''],
  ['sessionId', ''],
  ['projectNo', ''],
  ['houseId', ''],
  ['houseEtag', ''],
  ['photoId', ''],
]

/** Uploaded by the form of a photo; it lies beside the collection. */
export const PICTURE = 'house.png'
