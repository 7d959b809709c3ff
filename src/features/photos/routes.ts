import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { negotiate } from '../../http/accept.ts'
import { actorOf } from '../../http/actor.ts'
import { isUnchanged } from '../../http/conditional.ts'
import { acceptUploads } from '../../http/uploads.ts'
import { addVary } from '../../http/vary.ts'
import type { Budgets } from '../../platform/budgets.ts'
import { type PictureType, pictureTypes } from '../../platform/pictures.ts'
import type { Houses } from '../houses/service.ts'
import type { Guard } from '../sessions/guard.ts'
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
type UploadOptions = Options & { houses: Houses; budgets: Budgets }

/** Apart from the other routes, since nothing but a form with a file is taken here. */
export const photoUploadRoutes: FastifyPluginAsyncTypebox<UploadOptions> = async (app, options) => {
  const { photos, houses, budgets, guard, basePath } = options
  guard.protect(app)
  const receive = await acceptUploads(app, ({ user }) => user.sub)

  app.post(
    '/houses/:id/photos',
    { config: { upload: PhotoForm }, schema: addPhotoSchema },
    async (request, reply) => {
      const { id: houseId } = request.params
      const actor = actorOf(request)
      await budgets.spend('upload', actor.userId)
      // Nobody sends a file in vain; whoever adds the photo decides again.
      await houses.requireWritable(houseId, actor)
      const upload = await receive(request, reply)
      // Receiving may take a minute.
      guard.stillSignedIn(request)
      const photo = await photos.add({ ...upload, houseId, actor })
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
      // It is there, and its length is known: Fastify would read all of it to drop it.
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

/** The bytes of a photo never change, and its id is never used again. */
const etagOf = ({ id }: Photo) => `"${id}"`

/** A browser may keep the image, for this user alone, and asks each time whether it may show it. */
function cacheHeaders(photo: Photo) {
  return {
    etag: etagOf(photo),
    'cache-control': 'private, no-cache',
    // With a 304, too, whose headers replace those that a cache has stored (RFC 9111 3.2).
    'content-security-policy': "default-src 'none'; sandbox",
  }
}

/** Whatever a browser does with it, it is an image, and nothing in it runs (ASVS 5.0 5.3.1, 5.4.1). */
function imageHeaders({ id, contentType, bytes }: Photo) {
  return {
    'content-type': contentType,
    'content-length': bytes,
    'content-disposition': `inline; filename="${id}.${pictureTypes[contentType as PictureType]}"`,
    'accept-ranges': 'none',
  }
}
