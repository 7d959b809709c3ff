import { defineFeature } from '../feature.ts'
import { adminPageRoutes } from './routes.ts'

export const adminPageFeature = defineFeature({
  name: 'admin-page',
  isOn: ({ administration }) => administration.hasPage,
  open: ({ config }) => ({
    routes: (app) => app.register(adminPageRoutes, { basePath: config.http.publicUrl.path }),
  }),
})
