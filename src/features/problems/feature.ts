import { defineFeature } from '../feature.ts'
import { problemRoutes } from './routes.ts'

export const problemsFeature = defineFeature({
  name: 'problems',
  tag: { name: 'Errors', description: 'Every error of the server, explained.' },
  open: ({ config, errors }) => ({
    routes: (app) => app.register(problemRoutes, { basePath: config.http.publicUrl.path, errors }),
  }),
})
