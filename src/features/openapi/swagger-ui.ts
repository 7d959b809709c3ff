import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Asset } from '../../http/headers/compressed.ts'
import { lazy } from '../../platform/lazy.ts'

/** A key on a blue background, 32 by 32. */
const ICON = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgBAMAAACBVGfHAAAAMFBMVEVMaXEeOV4gO1weOV4eOV8fOV4eOV4fOl////+Pna/HzddwgZmnscDt7/IwSWs4UHHERcJbAAAAB3RSTlMA8hXPVIKEA8WPdAAAAAlwSFlzAAALEwAACxMBAJqcGAAAAKRJREFUKM9jYGBKFi+HgkJTBQYGBsdyJCDCwMBSjgIcGBRRBYQY0lEFShnMwXT12lvbwYxiBogVJzo6uiAWMYCpyg4gmA5mQgR+dJx72dGPJLADqH5FN5LAjE4Ixq0CaMYbFDNq0G0BuaOnHFmg+kbvdhQBmB34BLpmTkcV6OhoJyCAoQXDUNxmiKMKFEIDGQ6KGcLRowEjojCiEiOyGZiCUZIDALiZ7OGcF56yAAAAAElFTkSuQmCC',
  'base64',
)

const HINT =
  '**Try it here:** open `POST /register` (or `POST /login`) and press *Execute*. From then on this page sends the access token of the answer with every request that needs one, until you reload the page; *Authorize* takes another. Then try `GET /me`.'

/**
 * Starts Swagger UI; the library's own script has fewer options. A file, so that the page needs no
 * inline script; a text, so that no compiler adds what browsers lack.
 */
const START = `'use strict'

/** PUBLIC_URL may have a path. */
const here = location.origin + location.pathname.replace(/\\/docs\\/?$/, '')
const links = 'The whole document: [openapi.json](' + here + '/openapi.json), [openapi.yaml](' + here
  + '/openapi.yaml).'

/** CORS and the page's CSP forbid calls to other servers. */
function forThisPage(text) {
  const reference = JSON.parse(text)
  const [{ url: server }] = reference.servers
  const elsewhere = 'You opened this page at ' + here + ', but the PUBLIC_URL of this server is '
    + server + '. For cookie transport open [' + server + '/docs](' + server + '/docs); everything '
    + 'else works here too.'
  reference.servers = [{ url: here, description: 'The server that this page comes from' }]
  reference.info.description = [
    ${JSON.stringify(HINT)},
    ...(server === here ? [] : [elsewhere]),
    links,
    '<details><summary>How tokens, transports, errors and lists work</summary>',
    reference.info.description,
    '</details>',
  ].join('\\n\\n')
  return JSON.stringify(reference)
}

/** Every operation that opens or continues a session returns an access token. */
function authorize(response) {
  const token = response.obj && response.obj.access_token
  if (response.ok && typeof token === 'string') ui.preauthorizeApiKey('bearer', token)
  return response
}

const dark = matchMedia('(prefers-color-scheme: dark)')
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', paint)
paint()

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
  // A stored token would outlive the page, and every script of this origin could read it.
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

/** Puts the first operation on the first screen, and lets wide tables scroll on their own. */
const CSS = `
.swagger-ui .info { margin: 16px 0; }
.swagger-ui .scheme-container { margin: 0 0 8px; padding: 12px 0; }
.swagger-ui .info summary { cursor: pointer; font-weight: bold; }
.swagger-ui .markdown table { display: block; max-width: 100%; overflow-x: auto; }
.swagger-ui .markdown code, .swagger-ui .opblock-summary-path { overflow-wrap: anywhere; }
@media (max-width: 600px) {
  body { overflow-x: clip; }
  .swagger-ui .opblock-tag small { overflow-wrap: anywhere; }
  .swagger-ui .wrapper { padding: 0 10px; }
  .swagger-ui .opblock-summary-description { display: none; }
}
`

/** @param files the folder of its files, from the page: a proxy may add to the path */
const pageWith = (files: string) => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<title>Latchkey</title>
<link rel="stylesheet" href="${files}/swagger-ui.css">
<link rel="stylesheet" href="${files}/index.css">
<link rel="stylesheet" href="${files}/page.css">
<link rel="icon" type="image/png" href="${files}/favicon-32x32.png" sizes="32x32">
<link rel="icon" type="image/png" href="${files}/favicon-16x16.png" sizes="16x16">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${files}/swagger-ui-bundle.js"></script>
<script src="${files}/swagger-initializer.js"></script>
</body>
</html>
`

const PAGE = 'text/html; charset=utf-8'
const SCRIPT = 'text/javascript; charset=utf-8'
const STYLE = 'text/css; charset=utf-8'
const require = createRequire(import.meta.url)
/** Only its files: its plugin loads forty packages, and reads a file again for each request. */
const library = require.resolve('@fastify/swagger-ui')

/** A file of the library, read on first use and cached. */
function fileOfLibrary(name: string, type: string): () => Promise<Asset> {
  const file = join(dirname(library), 'static', name)
  return lazy(async () => ({ type, content: await readFile(file) }))
}

type Assets = ReadonlyMap<string, () => Asset | Promise<Asset>>

/** The page by the end of its address. */
export const pages: Assets = new Map([
  ['docs', () => ({ type: PAGE, content: pageWith('docs/static') })],
  ['docs/', () => ({ type: PAGE, content: pageWith('static') })],
])

/** Files of the page by name; some are ours. */
export const pageFiles: Assets = new Map<string, () => Asset | Promise<Asset>>([
  ['swagger-initializer.js', () => ({ type: SCRIPT, content: START })],
  ['page.css', () => ({ type: STYLE, content: CSS })],
  ['favicon-16x16.png', () => ({ type: 'image/png', content: ICON })],
  ['favicon-32x32.png', () => ({ type: 'image/png', content: ICON })],
  ['swagger-ui-bundle.js', fileOfLibrary('swagger-ui-bundle.js', SCRIPT)],
  ['swagger-ui.css', fileOfLibrary('swagger-ui.css', STYLE)],
  ['index.css', fileOfLibrary('index.css', STYLE)],
])
