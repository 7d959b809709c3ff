import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { actorOf } from '../../http/actor.ts'
import { acceptUploads } from '../../http/body/uploads.ts'
import { negotiate } from '../../http/headers/accept.ts'
import { isUnchanged } from '../../http/headers/conditional.ts'
import { addVary } from '../../http/headers/vary.ts'
import { type PictureType, pictureTypes } from '../../platform/images/picture.ts'
import { siteOf } from '../../platform/network.ts'
import type { RateLimits } from '../../platform/rate-limits/rate-limits.ts'
import type { Houses } from '../houses/service.ts'
import type { Guard } from '../tokens/guard.ts'
import {
  addPhotoSchema,
  deletePhotoSchema,
  listPhotosSchema,
  PhotoForm,
  photoPath,
  photoTypes,
  photoView,
  readPhotoSchema,
} from './schemas.ts'
import type { Photo, Photos } from './service.ts'

type Options = { photos: Photos; guard: Guard; basePath: string }
type UploadOptions = Options & {
  houses: Houses
  rateLimits: Pick<RateLimits<'upload'>, 'consume'>
  /** How many photos of one user may wait for the decoder. */
  waitingPerUser: number
}

/** Separate from the other routes: it accepts only a form with a file. */
export const photoUploadRoutes: FastifyPluginAsyncTypebox<UploadOptions> = async (app, options) => {
  const { photos, houses, rateLimits, guard, basePath, waitingPerUser } = options
  guard.protect(app)
  const receive = await acceptUploads(app, { whoIs: ({ user }) => user.sub, waitingPerUser })

  app.post(
    '/houses/:id/photos',
    { config: { upload: PhotoForm }, schema: addPhotoSchema },
    async (request, reply) => {
      const { id: houseId } = request.params
      const actor = actorOf(request)
      await rateLimits.consume('upload', actor.userId)
      // Refuses before the file is sent; `photos.add` checks again.
      await houses.requireWritable(houseId, actor)
      const photo = await receive(request, reply, (upload) => {
        // The upload may have taken a minute.
        guard.stillSignedIn(request)
        return photos.add({ ...upload, houseId, actor, site: siteOf(request.ip) })
      })
      reply.code(201).header('location', photoPath(photo))
      return photoView(photo, basePath)
    },
  )
}

export const photoRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { photos, guard, basePath } = options
  guard.protect(app)

  app.get('/houses/:id/photos', { schema: listPhotosSchema }, async ({ params }) => {
    const items = await photos.list(params.id)
    return { items: items.map((photo) => photoView(photo, basePath)) }
  })

  app.get(
    '/houses/:id/photos/:photoId',
    { config: { produces: photoTypes }, schema: readPhotoSchema },
    async (request, reply) => {
      const photo = await photos.get(request.params.id, request.params.photoId)
      negotiate(request, [photo.contentType])
      addVary(reply, 'authorization')
      if (isUnchanged(request.headers, etagOf(photo))) {
        return reply.code(304).headers(cacheHeaders(photo)).send()
      }
      const file = await photos.open(photo)
      // Fastify would read and discard the whole file.
      if (request.method === 'HEAD') file.destroy()
      return reply.headers({ ...cacheHeaders(photo), ...imageHeaders(photo) }).send(file)
    },
  )

  app.delete(
    '/houses/:id/photos/:photoId',
    { config: { produces: [] }, schema: deletePhotoSchema },
    async (request, reply) => {
      const { id, photoId } = request.params
      await photos.remove(id, photoId, actorOf(request))
      reply.code(204)
    },
  )
}

/** The bytes of a photo never change, and its id is never reused. */
const etagOf = ({ id }: Photo) => `"${id}"`

/** The browser may store the image for this user, and must revalidate it. */
function cacheHeaders(photo: Photo) {
  return {
    etag: etagOf(photo),
    'cache-control': 'private, no-cache',
    // Also for 304, whose headers replace those of the cache (RFC 9111 3.2).
    'content-security-policy': "default-src 'none'; sandbox",
  }
}

/** Browsers show an image and run nothing in it (ASVS 5.0 5.3.1, 5.4.1). */
function imageHeaders({ id, contentType, bytes }: Photo) {
  return {
    'content-type': contentType,
    'content-length': bytes,
    'content-disposition': `inline; filename="${id}.${pictureTypes[contentType as PictureType]}"`,
    'accept-ranges': 'none',
  }
}
