import { sendsMail } from '../../config/sends-mail.ts'
import { defineFeature } from '../feature.ts'
import { mailPageRoutes } from './routes.ts'

export const mailPageFeature = defineFeature({
  name: 'mail-page',
  isOn: sendsMail,
  open: ({ config }) => ({
    routes: (app) => app.register(mailPageRoutes, { basePath: config.http.publicUrl.path }),
  }),
})
