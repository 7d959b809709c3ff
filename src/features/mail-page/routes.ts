import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { languageFor } from '../../http/headers/accept-language.ts'
import { perLanguage } from '../../languages/per-language.ts'
import { mailPage, PAGE_CSP } from './page.ts'
import { getMailPageSchema } from './schemas.ts'

type Options = {
  /** What the addresses of the server begin with. */
  basePath: string
}

/** Serves the page that mailed links lead to. It is the same page for every query. */
export const mailPageRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { basePath }) => {
  const pageIn = perLanguage((language) => mailPage(basePath, language))
  const config = { produces: ['text/html'] }

  app.get('/mail', { config, schema: getMailPageSchema }, async (_request, reply) =>
    reply
      .headers({ 'content-security-policy': PAGE_CSP, 'cache-control': 'public, max-age=300' })
      .type('text/html; charset=utf-8')
      .send(pageIn(languageFor(reply))),
  )
}
