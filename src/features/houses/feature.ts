import { auditFeature } from '../audit/feature.ts'
import { defineFeature } from '../feature.ts'
import { idempotencyFeature } from '../idempotency/feature.ts'
import { tokensFeature } from '../tokens/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { houseErrors } from './errors.ts'
import { housesOf } from './exported.ts'
import { createHouseList } from './list.ts'
import { houseListRoutes } from './list-routes.ts'
import { houseRoutes } from './routes.ts'
import { createHouses } from './service.ts'

export const housesFeature = defineFeature({
  name: 'houses',
  needs: [auditFeature, usersFeature, idempotencyFeature, tokensFeature],
  tag: {
    name: 'Houses',
    description:
      'A protected resource to copy for your own. Every signed-in user may read; owners and admins may write.',
  },
  errors: houseErrors,
  isOn: ({ samples }) => samples.houses,
  open: (kit) => {
    const { config, db, dialect, clock, cursors, opened } = kit
    const { audit, holdings, idempotency, guard } = kit
    const { housesMax } = config.perUser
    const houses = createHouses({
      ...{ db, dialect, clock, audit, holdings, idempotency, housesMax },
    })
    const houseList = createHouseList({ db, dialect })
    const { href: publicUrl } = config.http.publicUrl
    const afterRemoval = async () => {
      for (const { sweep } of opened) await sweep?.()
    }
    return {
      services: { houses, houseList },
      routes: async (app) => {
        await app.register(houseRoutes, { houses, guard, afterRemoval })
        await app.register(houseListRoutes, { houseList, cursors, guard, publicUrl })
      },
      removeOwned: houses.removeOwned,
      exported: {
        houses: { description: 'Your houses.', read: (userId) => housesOf(db, userId) },
      },
      dashboard: {
        name: 'houses',
        description: 'Houses that the user owns.',
        example: 1,
        count: houses.countOwned,
      },
    }
  },
})
