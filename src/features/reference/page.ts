import type { FastifyReply } from 'fastify'

type PageFile = { type: string; content: string | Buffer }

/** A key on a blue ground, 32 by 32. */
const ICON = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgBAMAAACBVGfHAAAAMFBMVEVMaXEeOV4gO1weOV4eOV8fOV4eOV4fOl////+Pna/HzddwgZmnscDt7/IwSWs4UHHERcJbAAAAB3RSTlMA8hXPVIKEA8WPdAAAAAlwSFlzAAALEwAACxMBAJqcGAAAAKRJREFUKM9jYGBKFi+HgkJTBQYGBsdyJCDCwMBSjgIcGBRRBYQY0lEFShnMwXT12lvbwYxiBogVJzo6uiAWMYCpyg4gmA5mQgR+dJx72dGPJLADqH5FN5LAjE4Ixq0CaMYbFDNq0G0BuaOnHFmg+kbvdhQBmB34BLpmTkcV6OhoJyCAoQXDUNxmiKMKFEIDGQ6KGcLRowEjojCiEiOyGZiCUZIDALiZ7OGcF56yAAAAAElFTkSuQmCC',
  'base64',
)

const HINT =
  '**Try it here:** open `POST /register` (or `POST /login`) and press *Execute*. From then on this page sends the access token of the answer with every request that needs one, until you reload the page; *Authorize* takes another. Then try `GET /me`.'

/**
 * Starts Swagger UI, in place of the library's script, whose settings reach less far. It is a file, so that the
 * page needs no inline script, and a text, so that no compiler adds what a browser does not have.
 */
const START = `'use strict'

/** PUBLIC_URL may have a path. */
const here = location.origin + location.pathname.replace(/\\/docs\\/?$/, '')
const links = 'The whole document: [openapi.json](' + here + '/openapi.json), [openapi.yaml](' + here
  + '/openapi.yaml).'

/** Any other server is a foreign origin, which neither CORS nor the policy of the page lets it call. */
function forThisPage(text) {
  const reference = JSON.parse(text)
  const [{ url: server }] = reference.servers
  const elsewhere = 'You opened this page at ' + here + ', but the PUBLIC_URL of this server is '
    + server + '. For cookie transport open [' + server + '/docs](' + server + '/docs); everything '
    + 'else works here, too.'
  reference.servers = [{ url: here, description: 'The server that this page comes from' }]
  reference.info.description = [
    ${JSON.stringify(HINT)},
    ...(server === here ? [] : [elsewhere]),
    reference.info.description,
    links,
  ].join('\\n\\n')
  return JSON.stringify(reference)
}

/** Whatever opens a session or carries one on answers with an access token. */
function authorize(response) {
  const token = response.obj && response.obj.access_token
  if (response.ok && typeof token === 'string') ui.preauthorizeApiKey('bearer', token)
  return response
}

const plugin = {
  statePlugins: {
    spec: { wrapActions: { updateSpec: (update) => (text) => update(forThisPage(text)) } },
  },
}

const ui = SwaggerUIBundle({
  dom_id: '#swagger-ui',
  url: here + '/docs/json',
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [SwaggerUIBundle.plugins.DownloadUrl, plugin],
  layout: 'BaseLayout',
  validatorUrl: null,
  // A token that is kept would outlive the page and be there for every script of this origin.
  persistAuthorization: false,
  responseInterceptor: authorize,
  deepLinking: true,
  filter: true,
  tryItOutEnabled: true,
  requestSnippetsEnabled: true,
  displayRequestDuration: true,
  showCommonExtensions: true,
  defaultModelsExpandDepth: 0,
})
`

/** What the page of the library asks for by these names, and is ours. */
const files: ReadonlyMap<string, PageFile> = new Map([
  [
    '/docs/static/swagger-initializer.js',
    { type: 'text/javascript; charset=utf-8', content: START },
  ],
  ['/docs/static/favicon-16x16.png', { type: 'image/png', content: ICON }],
  ['/docs/static/favicon-32x32.png', { type: 'image/png', content: ICON }],
])

/** Answers for the library where a file of the page is ours. */
export function sendPageFile(url: string, reply: FastifyReply): FastifyReply | undefined {
  const [path = ''] = url.split('?', 1)
  const file = files.get(path)
  if (file === undefined) return undefined
  return reply.header('cache-control', 'public, max-age=300').type(file.type).send(file.content)
}
