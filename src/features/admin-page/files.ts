import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Language } from '../../languages/languages.ts'

type Asset = { type: string; content: string | Buffer; cacheControl: string }

/** What Vite makes of `admin/`: the same place for the built program, the sources and the tests. */
const FOLDER = fileURLToPath(new URL('../../../dist/admin', import.meta.url))
const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const PAGE_TYPE = 'text/html; charset=utf-8'
/** For those who start from the sources without `npm run dev`, which builds the page. */
const NOT_BUILT =
  '<!doctype html><title>Latchkey</title><p>The page is not built: npm run build</p>'

/** Of the page in a language; a name that no asset has. */
export const pageName = (language: Language) => `/${language}`

/**
 * Reads the page in each language, and its assets under their names.
 * @param basePath what the addresses of the server begin with
 * @returns undefined where nothing is built
 */
export function readPages(
  basePath: string,
  languages: readonly Language[],
): Map<string, () => Asset> | undefined {
  const assets = join(FOLDER, 'assets')
  try {
    const pages = languages.map((language) => {
      const html = readFileSync(join(FOLDER, `${language}.html`), 'utf8')
      return [pageName(language), pageOf(withPath(html, basePath))] as const
    })
    const files = readdirSync(assets).map((name) => [name, assetOf(join(assets, name))] as const)
    return new Map([...pages, ...files])
  } catch {
    return undefined
  }
}

/** What there is without them. */
export function missingPages(languages: readonly Language[]): Map<string, () => Asset> {
  return new Map(languages.map((language) => [pageName(language), pageOf(NOT_BUILT)]))
}

/** Vite has begun the addresses of the assets with `/admin/`. */
function withPath(html: string, basePath: string): string {
  return html.replaceAll('="/admin/', `="${basePath}/admin/`)
}

function pageOf(content: string): () => Asset {
  return () => ({ type: PAGE_TYPE, cacheControl: 'no-cache', content })
}

/** Named by its content, so that it never changes. */
function assetOf(path: string): () => Asset {
  const type = TYPES[extname(path)] ?? 'application/octet-stream'
  const content = readFileSync(path)
  return () => ({ type, cacheControl: 'public, max-age=31536000, immutable', content })
}
