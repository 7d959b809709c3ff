import { type Static, Type } from 'typebox'
import { exampleIds, HouseId, IdParams, PhotoId } from '../../contract/ids.ts'
import { errorResponses, signedInOnly, signedInProblems } from '../../contract/problem.ts'
import { oneOf, response, strictObject, timestamp } from '../../contract/schema.ts'
import { ReadConditions } from '../../http/headers/conditional.ts'
import { FILE_LIMIT } from '../../http/limits.ts'
import { MAX_PIXELS, type PictureType, pictureTypes } from '../../platform/images/picture.ts'
import type { Photo } from './service.ts'

/** Stored and served types, best first. */
export const photoTypes = Object.keys(pictureTypes) as PictureType[]

const PhotoParams = strictObject({ id: HouseId, photoId: PhotoId })

const PATH = `/houses/${exampleIds.house}/photos/${exampleIds.photo}`

const PhotoView = strictObject(
  {
    id: PhotoId,
    url: Type.String({ description: 'The path of the image on this server.', example: PATH }),
    contentType: oneOf(photoTypes, {
      description: 'The media type of the image.',
      example: 'image/jpeg',
    }),
    width: Type.Integer({
      minimum: 1,
      description: 'In pixels, after the image is turned upright.',
      example: 1600,
    }),
    height: Type.Integer({
      minimum: 1,
      description: 'In pixels, after the image is turned upright.',
      example: 1200,
    }),
    bytes: Type.Integer({
      minimum: 1,
      description: 'The size of the image in bytes.',
      example: 284_113,
    }),
    createdAt: timestamp('When it was added.', '2026-11-20T10:06:01.500Z'),
  },
  { title: 'Photo', description: 'A photo without its image, which is at `url`.' },
)

export function photoView(photo: Photo, basePath: string): Static<typeof PhotoView> {
  const { id, width, height, bytes } = photo
  const contentType = photo.contentType as PictureType
  const createdAt = photo.createdAt.toISOString()
  return { id, url: `${basePath}${photoPath(photo)}`, contentType, width, height, bytes, createdAt }
}

export function photoPath({ houseId, id }: Photo): string {
  return `/houses/${houseId}/photos/${id}`
}

const PhotoList = strictObject(
  { items: Type.Array(PhotoView, { maxItems: 20 }) },
  { title: 'PhotoList' },
)

const largest = `${FILE_LIMIT / 2 ** 20} MiB and ${MAX_PIXELS / 1e6} megapixels`

export const PhotoForm = strictObject(
  {
    file: Type.Unsafe<never>({
      type: 'string',
      format: 'binary',
      description: `A JPEG, PNG or WebP image, at most ${largest}.`,
      example: '(the bytes of sea-view.jpg)',
    }),
  },
  { title: 'PhotoUpload' },
)

const image = {
  schema: Type.Unsafe<never>({
    type: 'string',
    format: 'binary',
    example: '(the bytes of the image)',
  }),
}
const imageTag = {
  ETag: {
    type: 'string',
    description: 'The id: an image never changes.',
    example: `"${exampleIds.photo}"`,
  },
} as const

const PhotoConditions = Type.Object({
  'if-none-match': Type.Optional(
    Type.Unsafe<string>({
      ...ReadConditions.properties['if-none-match'],
      example: `"${exampleIds.photo}"`,
    }),
  ),
})

const shared = { tags: ['Photos'], security: signedInOnly }

export const addPhotoSchema = {
  ...shared,
  operationId: 'addPhoto',
  summary: 'Add a photo to a house that you own',
  description:
    'The form must have one part, `file`. Its content decides the format; its name and its type are ignored. The server re-encodes the image in the same format, upright and in sRGB, and removes all metadata, locations included. An animated image gets 415. The photos of all houses of one user may have at most 200 MiB together, unless the server is configured otherwise; a photo counts for the owner of its house. Two photos of one user may wait for the decoder; one more gets 429. A body that is slower than 4 KiB a second for 5 seconds gets 408. A house may have at most 20 photos.',
  params: IdParams,
  response: {
    201: response(PhotoView, 'The photo.', {
      Location: { type: 'string', description: 'The path of the image.', example: PATH },
    }),
    ...errorResponses(...signedInProblems, 'not_owner', 'not_found', 'limit_reached'),
  },
}

export const listPhotosSchema = {
  ...shared,
  operationId: 'listPhotos',
  summary: 'List the photos of a house, oldest first',
  description: 'Every signed-in user may read them. Each entry has the URL of its image in `url`.',
  params: IdParams,
  response: {
    200: response(PhotoList, 'The photos of the house.'),
    ...errorResponses(...signedInProblems, 'not_found'),
  },
}

export const readPhotoSchema = {
  ...shared,
  operationId: 'getPhoto',
  summary: 'Read the image of a photo',
  description:
    'Returns the bytes of the image. They never change, so a request with the ETag in `If-None-Match` always gets 304 and no body. This operation also needs the access token: load the image with `fetch`, not with `<img src>`.',
  params: PhotoParams,
  headers: PhotoConditions,
  response: {
    200: {
      description: 'The image.',
      headers: imageTag,
      content: Object.fromEntries(photoTypes.map((type) => [type, image])),
    },
    304: {
      description: 'The image has the ETag in If-None-Match.',
      type: 'null',
      headers: imageTag,
    },
    ...errorResponses(...signedInProblems, 'not_found'),
  },
}

export const deletePhotoSchema = {
  ...shared,
  operationId: 'deletePhoto',
  summary: 'Delete a photo of a house that you own',
  description:
    'Permanently deletes the photo and its image. Admins may delete the photos of others.',
  params: PhotoParams,
  response: {
    204: { description: 'The photo is deleted.', type: 'null' },
    ...errorResponses(...signedInProblems, 'not_owner', 'not_found'),
  },
}
