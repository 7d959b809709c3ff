import { defineFeature } from '../feature.ts'
import { housesFeature } from '../houses/feature.ts'
import { tokensFeature } from '../tokens/feature.ts'
import { usersFeature } from '../users/feature.ts'
import { createPhotoCleaner } from './cleaner.ts'
import { photosOf } from './exported.ts'
import { photoLimits } from './rate-limits.ts'
import { photoRoutes, photoUploadRoutes } from './routes.ts'
import { createPhotos } from './service.ts'

export const photosFeature = defineFeature({
  name: 'photos',
  needs: [usersFeature, tokensFeature, housesFeature],
  tag: { name: 'Photos', description: 'Images of houses, re-encoded and without metadata.' },
  rateLimits: photoLimits,
  isOn: ({ samples }) => samples.houses,
  open: (kit) => {
    const { config, db, statements, files, images, clock, log } = kit
    const { rateLimits, holdings, guard, houses } = kit
    const { bytesPerUser, waitingPerUser } = config.photos
    const { path: basePath } = config.http.publicUrl
    const rows = { db, statements, clock, log, houses, holdings, files }
    const photoCleaner = createPhotoCleaner(rows)
    houses.onDeletion(photoCleaner.leaveHouses)
    const photos = createPhotos({ ...rows, images, cleaner: photoCleaner, bytesPerUser })
    return {
      services: { photoCleaner, photos },
      routes: async (app) => {
        await app.register(photoUploadRoutes, {
          ...{ photos, houses, rateLimits, guard, basePath, waitingPerUser },
        })
        await app.register(photoRoutes, { photos, guard, basePath })
      },
      exported: {
        photos: {
          description: 'What is known of the photos of your houses.',
          read: (userId) => photosOf(db, userId),
        },
      },
      clean: photoCleaner.clean,
      sweep: photoCleaner.purgeOrphans,
      checks: {
        uploads: async () => {
          await files.check()
          return { status: 'ok' }
        },
      },
    }
  },
})
