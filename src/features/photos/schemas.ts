import { type Static, Type } from 'typebox'
import { ReadConditions } from '../../http/conditional.ts'
import { FILE_LIMIT } from '../../http/limits.ts'
import {
  closed,
  Id,
  IdParams,
  oneOf,
  problems,
  signedInOnly,
  signedInProblems,
  Timestamp,
} from '../../http/schemas.ts'
import { MAX_PIXELS, type PictureType, pictureTypes } from '../../platform/pictures.ts'
import type { Photo } from './service.ts'

/** What photos are stored and served as, best first. */
export const photoTypes = Object.keys(pictureTypes) as PictureType[]

const PhotoParams = closed({ id: Id, photoId: Id })

const PhotoView = closed({
  id: Id,
  url: Type.String({
    description: 'The path of the image on this server.',
    example:
      '/houses/01932c07-209f-7c5d-a3b2-5a1f6c0d9e42/photos/01932c08-11aa-7c5d-9b1e-0d9e425a1f6c',
  }),
  contentType: oneOf(photoTypes),
  width: Type.Integer({ minimum: 1, description: 'In pixels, turned upright.' }),
  height: Type.Integer({ minimum: 1 }),
  bytes: Type.Integer({ minimum: 1, description: 'The size of the image as it is served.' }),
  createdAt: Timestamp,
})

export function photoView(photo: Photo): Static<typeof PhotoView> {
  const { id, width, height, bytes } = photo
  const contentType = photo.contentType as PictureType
  const createdAt = photo.createdAt.toISOString()
  return { id, url: photoPath(photo), contentType, width, height, bytes, createdAt }
}

export function photoPath({ houseId, id }: Photo): string {
  return `/houses/${houseId}/photos/${id}`
}

const PhotoList = closed({ items: Type.Array(PhotoView, { maxItems: 20 }) })

const largest = `${FILE_LIMIT / 2 ** 20} MiB and ${MAX_PIXELS / 1e6} megapixels`

/** The form of an upload. */
export const PhotoForm = closed({
  file: Type.Unsafe<never>({
    type: 'string',
    format: 'binary',
    description: `JPEG, PNG or WebP by content; at most ${largest}.`,
  }),
})

const image = { schema: Type.Unsafe<never>({ type: 'string', format: 'binary' }) }
const shared = { tags: ['Houses'], security: signedInOnly }

export const addPhotoSchema = {
  ...shared,
  operationId: 'addPhoto',
  summary: 'Add a photo to a house that you own',
  description: `The part \`file\` is the only one. Its content decides what it is; its name and its type are ignored. The
image is encoded anew in the same format, upright and in sRGB, and all metadata, places included, is
dropped. Of an animation the first frame is kept. A house has at most 20 photos.`,
  params: IdParams,
  response: {
    201: {
      ...PhotoView,
      description: 'The photo',
      headers: { Location: { type: 'string', description: 'The path of the image.' } },
    },
    ...problems(
      ...signedInProblems,
      'validation_failed',
      'malformed_request',
      'not_owner',
      'not_found',
      'limit_reached',
    ),
  },
}

export const listPhotosSchema = {
  ...shared,
  operationId: 'listPhotos',
  summary: 'List the photos of a house, oldest first',
  params: IdParams,
  response: { 200: PhotoList, ...problems(...signedInProblems, 'not_found') },
}

export const readPhotoSchema = {
  ...shared,
  operationId: 'getPhoto',
  summary: 'Read the image of a photo',
  params: PhotoParams,
  headers: ReadConditions,
  response: {
    200: {
      description: 'The image',
      headers: { ETag: { type: 'string', description: 'The id: an image never changes.' } },
      content: Object.fromEntries(photoTypes.map((type) => [type, image])),
    },
    304: { description: 'The image is what If-None-Match names', type: 'null' },
    ...problems(...signedInProblems, 'validation_failed', 'not_found'),
  },
}

export const deletePhotoSchema = {
  ...shared,
  operationId: 'deletePhoto',
  summary: 'Delete a photo of a house that you own',
  params: PhotoParams,
  response: {
    204: { description: 'The photo is gone', type: 'null' },
    ...problems(...signedInProblems, 'not_owner', 'not_found'),
  },
}
