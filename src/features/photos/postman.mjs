// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

const IS_PHOTO = { path: { id: '{{houseId}}', photoId: '{{photoId}}' } }

export const requests = {
  addPhoto: {
    status: [201],
    path: { id: '{{houseId}}' },
    keep: { photoId: 'pm.response.json().id' },
  },
  listPhotos: { status: [200], path: { id: '{{houseId}}' } },
  getPhoto: { status: [200], ...IS_PHOTO },
  deletePhoto: { status: [204], ...IS_PHOTO, forget: ['photoId'] },
}

export const sources = { photoId: 'addPhoto' }

export const variables = ['photoId']
