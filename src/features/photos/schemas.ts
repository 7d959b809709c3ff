import { type Static, Type } from 'typebox'
import { ReadConditions } from '../../http/conditional.ts'
import { FILE_LIMIT } from '../../http/limits.ts'
import {
  answer,
  closed,
  exampleIds,
  HouseId,
  IdParams,
  oneOf,
  PhotoId,
  problems,
  signedInOnly,
  signedInProblems,
  timestamp,
} from '../../http/schemas.ts'
import { MAX_PIXELS, type PictureType, pictureTypes } from '../../platform/pictures.ts'
import type { Photo } from './service.ts'

/** What photos are stored and served as, best first. */
export const photoTypes = Object.keys(pictureTypes) as PictureType[]

const PhotoParams = closed({ id: HouseId, photoId: PhotoId })

const PATH = `/houses/${exampleIds.house}/photos/${exampleIds.photo}`

const PhotoView = closed(
  {
    id: PhotoId,
    url: Type.String({ description: 'The path of the image on this server.', example: PATH }),
    contentType: oneOf(photoTypes, {
      description: 'What the image is served as.',
      example: 'image/jpeg',
    }),
    width: Type.Integer({
      minimum: 1,
      description: 'In pixels, turned upright.',
      example: 1600,
    }),
    height: Type.Integer({
      minimum: 1,
      description: 'In pixels, turned upright.',
      example: 1200,
    }),
    bytes: Type.Integer({
      minimum: 1,
      description: 'The size of the image as it is served.',
      example: 284_113,
    }),
    createdAt: timestamp('When it was added.', '2026-11-20T10:06:01.500Z'),
  },
  { title: 'Photo', description: 'What is known of a photo; `url` has the image.' },
)

/** @param basePath what the addresses of the server begin with */
export function photoView(photo: Photo, basePath: string): Static<typeof PhotoView> {
  const { id, width, height, bytes } = photo
  const contentType = photo.contentType as PictureType
  const createdAt = photo.createdAt.toISOString()
  return { id, url: `${basePath}${photoPath(photo)}`, contentType, width, height, bytes, createdAt }
}

export function photoPath({ houseId, id }: Photo): string {
  return `/houses/${houseId}/photos/${id}`
}

const PhotoList = closed({ items: Type.Array(PhotoView, { maxItems: 20 }) }, { title: 'PhotoList' })

const largest = `${FILE_LIMIT / 2 ** 20} MiB and ${MAX_PIXELS / 1e6} megapixels`

/** The form of an upload. */
export const PhotoForm = closed(
  {
    file: Type.Unsafe<never>({
      type: 'string',
      format: 'binary',
      description: `JPEG, PNG or WebP by content; at most ${largest}.`,
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
    'The part `file` is the only one. Its content decides what it is; its name and its type are ignored. The image is encoded anew in the same format, upright and in sRGB, and all metadata, places included, is dropped; of an animation the first frame is kept. A house has at most 20 photos.',
  params: IdParams,
  response: {
    201: answer(PhotoView, 'The photo.', {
      Location: { type: 'string', description: 'The path of the image.', example: PATH },
    }),
    ...problems(...signedInProblems, 'not_owner', 'not_found', 'limit_reached'),
  },
}

export const listPhotosSchema = {
  ...shared,
  operationId: 'listPhotos',
  summary: 'List the photos of a house, oldest first',
  description: 'Everybody who is signed in may see them. The images are at `url` of each entry.',
  params: IdParams,
  response: {
    200: answer(PhotoList, 'The photos of the house.'),
    ...problems(...signedInProblems, 'not_found'),
  },
}

export const readPhotoSchema = {
  ...shared,
  operationId: 'getPhoto',
  summary: 'Read the image of a photo',
  description:
    'Answers with the bytes of the image. They never change, so `If-None-Match` with the ETag that you have always saves the body. The access token is needed here, too: load the image with `fetch`, not with `<img src>`.',
  params: PhotoParams,
  headers: PhotoConditions,
  response: {
    200: {
      description: 'The image.',
      headers: imageTag,
      content: Object.fromEntries(photoTypes.map((type) => [type, image])),
    },
    304: {
      description: 'The image is what If-None-Match names.',
      type: 'null',
      headers: imageTag,
    },
    ...problems(...signedInProblems, 'not_found'),
  },
}

export const deletePhotoSchema = {
  ...shared,
  operationId: 'deletePhoto',
  summary: 'Delete a photo of a house that you own',
  description: 'Deletes the photo and its image for good. Admins may delete the photos of others.',
  params: PhotoParams,
  response: {
    204: { description: 'The photo is gone.', type: 'null' },
    ...problems(...signedInProblems, 'not_owner', 'not_found'),
  },
}
