// runs once
// What holds examples/spa together: its parts, its size, its built form.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { importsOf, MAX_FILE_LINES } from '../support/sources.ts'
import { clientSources, SPA, spaFiles } from '../support/spa.ts'

const OWN = /^auth\//
const PACKAGES = /^(preact(\/hooks)?|@latchkey\/client(\/(passkeys|providers))?|uqr)$/
/** Minified and gzipped: the script of the first page, that of all pages, and their styles. */
const MOST_BYTES = { first: 45_000, all: 68_000, styles: 6500 }

test('src/auth imports preact, the client and itself, so that a copy of the folder works', () => {
  assert.deepEqual([...spaFiles()].flatMap(foreignImports), [])

  assert.deepEqual(
    foreignImports([
      'auth/a/b.tsx',
      "import { x } from '../../texts/index.ts'\nimport { y } from 'preact-iso'\nimport '../x.css'",
    ]),
    ['auth/a/b.tsx imports texts/index.ts', 'auth/a/b.tsx imports preact-iso'],
  )
  assert.deepEqual(foreignImports(['auth/x.ts', "const x = await import('left-pad')"]), [
    'auth/x.ts imports left-pad',
  ])
  assert.deepEqual(foreignImports(['auth/x.ts', 'import.meta.env.DEV']), ['auth/x.ts needs Vite'])
})

test('the files of the application stay short enough to learn from', () => {
  const long = [...spaFiles()].filter(([, text]) => text.split('\n').length - 1 > MAX_FILE_LINES)

  // Style sheets are lists.
  assert.deepEqual(
    long.map(([name]) => name).filter((name) => !name.endsWith('.css')),
    [],
  )
})

test('the built application is small, and has nothing in it that is for tests', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-spa-'))
  t.after(() => rmSync(folder, { recursive: true }))
  process.env.VITE_API_URL = '/api'
  t.after(() => delete process.env.VITE_API_URL)

  await build({
    root: SPA,
    configFile: join(SPA, 'vite.config.ts'),
    logLevel: 'error',
    resolve: { alias: clientSources() },
    build: { outDir: folder, manifest: true },
  })

  const assets = readdirSync(join(folder, 'assets'))
  const scripts = assets.filter((name) => name.endsWith('.js'))
  const texts = scripts.map((name) => readFileSync(join(folder, 'assets', name), 'utf8'))
  const first = firstScripts(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  const styles = assets.filter((name) => name.endsWith('.css'))
  const sheets = styles.map((name) => readFileSync(join(folder, 'assets', name), 'utf8'))
  const [bytes, all, style] = [zipped(first), zipped(texts), zipped(sheets)]
  t.diagnostic(
    `The first page: ${bytes} bytes of script, gzipped; all pages: ${all}; styles: ${style}`,
  )
  assert.ok(first.length < texts.length, 'the account pages come later')
  assert.ok(!first.some((text) => text.includes('recovery-codes.txt')), 'with their own script')
  assert.ok(bytes < MOST_BYTES.first, `${bytes} bytes`)
  assert.ok(all < MOST_BYTES.all, `${all} bytes in all`)
  assert.ok(style < MOST_BYTES.styles, `${style} bytes of styles`)
  assert.ok(!texts.some((text) => text.includes('⟦')), 'the pseudo language is for tests')
  assert.ok(!texts.some((text) => text.includes('localhost:3000')), 'the API has the path /api')
  assert.match(texts.join(''), /"\/api"|`\/api`/)
})

function zipped(texts: string[]): number {
  return texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0)
}

type Manifest = Record<string, { file: string; imports?: string[] }>

/** The scripts that the first page waits for. */
function firstScripts(folder: string): string[] {
  const text = readFileSync(join(folder, '.vite/manifest.json'), 'utf8')
  const manifest = JSON.parse(text) as Manifest
  const filesOf = (name: string): string[] => {
    const { file = '', imports = [] } = manifest[name] ?? {}
    return [file, ...imports.flatMap(filesOf)]
  }
  return [...new Set(filesOf('index.html'))]
}

function foreignImports([file, text]: [string, string]): string[] {
  if (!OWN.test(file) || file.endsWith('.css')) return []
  const foreign = importsOf(file, text)
    .map(({ target }) => target)
    .filter((target) => !OWN.test(target) && !PACKAGES.test(target))
    .map((target) => `${file} imports ${target}`)
  return text.includes('import.meta') ? [...foreign, `${file} needs Vite`] : foreign
}
