import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { languageFor } from '../../http/headers/accept-language.ts'
import { createCompressed } from '../../http/headers/compressed.ts'
import { missingPages, pageName, readPages } from './files.ts'
import { adminAssetSchema, getAdminPageSchema } from './schemas.ts'

type Options = {
  /** What the addresses of the server begin with. */
  basePath: string
}

/** The page runs its own script, calls its own server, and makes no HTML of texts. */
const PAGE_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types',
].join('; ')

/** Serves the page for administrators. It is public: what it shows it asks the API for. */
export const adminPageRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { basePath }) => {
  const { offered } = app.languages
  let files: ReturnType<typeof createCompressed> | undefined

  /** Read at the first request, and again until there are pages. */
  function load() {
    const built = files === undefined ? readPages(basePath, offered) : undefined
    if (built) files = createCompressed(built)
    return files ?? createCompressed(missingPages(offered))
  }

  app.get(
    '/admin',
    { config: { produces: ['text/html'] }, schema: getAdminPageSchema },
    async (request, reply) => {
      reply.header('content-security-policy', PAGE_CSP)
      return load().send(request, reply, pageName(languageFor(reply)))
    },
  )

  app.get(
    '/admin/assets/:name',
    { config: { produces: [] }, schema: adminAssetSchema },
    async (request, reply) => load().send(request, reply, request.params.name),
  )
}
