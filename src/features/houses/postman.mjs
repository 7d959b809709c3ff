// Requests of this feature in the Postman collection; generators/postman-requests.mjs explains.

const ETAG = "pm.response.headers.get('ETag')"
const BY_ID = { path: { id: '{{houseId}}' } }
const IF_UNCHANGED = { headers: { 'if-match': '{{houseEtag}}' } }

export const requests = {
  createHouse: {
    status: [201],
    headers: { 'idempotency-key': '{{$randomUUID}}' },
    keep: { houseId: 'pm.response.json().id', houseEtag: ETAG },
  },
  listHouses: { status: [200] },
  getHouse: { status: [200], ...BY_ID, keep: { houseEtag: ETAG } },
  replaceHouse: { status: [200], ...BY_ID, ...IF_UNCHANGED, keep: { houseEtag: ETAG } },
  updateHouse: { status: [200], ...BY_ID, ...IF_UNCHANGED, keep: { houseEtag: ETAG } },
}

export const last = {
  deleteHouse: {
    status: [204],
    ...BY_ID,
    ...IF_UNCHANGED,
    forget: ['houseId', 'houseEtag', 'photoId'],
  },
}

export const sources = { houseId: 'createHouse' }

export const variables = ['projectNo', 'houseId', 'houseEtag']

export const fields = { projectNo: '{{projectNo}}' }
