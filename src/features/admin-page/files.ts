import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

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

/**
 * Reads the page, under an empty name, and its assets under theirs.
 * @param basePath what the addresses of the server begin with
 * @returns undefined where nothing is built
 */
export function readPage(basePath: string): Map<string, () => Asset> | undefined {
  const assets = join(FOLDER, 'assets')
  try {
    const html = readFileSync(join(FOLDER, 'index.html'), 'utf8')
    const files = readdirSync(assets).map((name) => [name, assetOf(join(assets, name))] as const)
    return new Map([['', pageOf(withPath(html, basePath))], ...files])
  } catch {
    return undefined
  }
}

/** What there is without a page. */
export function missingPage(): Map<string, () => Asset> {
  return new Map([['', pageOf(NOT_BUILT)]])
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
