import { defineFeature } from '../feature.ts'
import { clientRoutes } from './routes.ts'

export const clientFeature = defineFeature({
  name: 'client',
  open: () => ({ routes: (app) => app.register(clientRoutes) }),
})
