// The requests of this feature in the Postman collection (generators/postman-requests.mjs says how).

const ETAG = "pm.response.headers.get('ETag')"
const BY_ID = { path: { id: '{{noteId}}' } }
const IF_UNCHANGED = { headers: { 'if-match': '{{noteEtag}}' } }

export const requests = {
  createNote: {
    status: [201],
    headers: { 'idempotency-key': '{{$randomUUID}}' },
    keep: { noteId: 'pm.response.json().id', noteEtag: ETAG },
  },
  listNotes: { status: [200] },
  getNote: { status: [200], ...BY_ID, keep: { noteEtag: ETAG } },
  replaceNote: { status: [200], ...BY_ID, ...IF_UNCHANGED, keep: { noteEtag: ETAG } },
  updateNote: { status: [200], ...BY_ID, ...IF_UNCHANGED, keep: { noteEtag: ETAG } },
}

export const last = {
  deleteNote: {
    status: [204],
    ...BY_ID,
    ...IF_UNCHANGED,
    forget: ['noteId', 'noteEtag'],
  },
}

export const sources = { noteId: 'createNote' }

export const variables = ['noteId', 'noteEtag']
