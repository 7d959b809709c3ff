import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// The browser application in examples/spa, for tests without a browser.

export const SPA = fileURLToPath(new URL('../../examples/spa', import.meta.url))

/** Every source file by its path below `src`, with its text. */
export function spaFiles(): Map<string, string> {
  const names = readdirSync(join(SPA, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.(tsx?|css)$/.test(name))
  return new Map(names.map((name) => [name, readFileSync(join(SPA, 'src', name), 'utf8')]))
}

/**
 * Files of the application as one module of Node. Its types say what the caller expects; the
 * compiler of the application checks the files themselves.
 * @param files below `src`, whose exports it has
 */
export async function spaModule<Exports>(...files: string[]): Promise<Exports> {
  // Node.js 20 has none.
  if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { languages: ['en'] } })
  const { outputFiles } = await build({
    stdin: {
      contents: files.map((file) => `export * from './src/${file}'`).join('\n'),
      resolveDir: SPA,
    },
    ...{ bundle: true, write: false, format: 'esm', platform: 'neutral', mainFields: ['module'] },
    ...{ jsx: 'automatic', jsxImportSource: 'preact' },
    alias: clientSources(),
    loader: { '.css': 'empty' },
  })
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64')
  return (await import(`data:text/javascript;base64,${code}`)) as Exports
}

/** The client as it stands, not as it was built last. */
export function clientSources(): Record<string, string> {
  const entry = (name: string) =>
    fileURLToPath(new URL(`../../client/src/${name}.ts`, import.meta.url))
  return {
    '@latchkey/client/passkeys': entry('passkeys'),
    '@latchkey/client/providers': entry('providers'),
    '@latchkey/client': entry('index'),
  }
}
