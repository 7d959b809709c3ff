import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The client in one minified file, as an application would ship it; as `iife` it is the global `client`. */
export async function bundledClient(
  format: 'esm' | 'iife',
): Promise<{ code: string; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/client/index.ts'],
    bundle: true,
    minify: true,
    metafile: true,
    write: false,
    format,
    ...(format === 'iife' ? { globalName: 'client' } : {}),
  })
  return { code: outputFiles[0]?.text ?? '', metafile }
}
