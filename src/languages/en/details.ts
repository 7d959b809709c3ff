const WAIT = 'wait as long as Retry-After says'

/** What happened, where it says more than the `detail` of the error. */
export const details = {
  // The request.
  pathEncoding: 'The path is not valid percent-encoded UTF-8.',
  queryEncoding: 'The query string has a broken percent-encoding; write a percent sign as %25.',
  notJson: 'The body is not valid JSON.',
  wrongLength: 'The body is not as long as Content-Length says.',
  cutOff: 'The request was cut off.',
  notUtf8: 'The body is not valid UTF-8.',
  sendUtf8: 'Send the body in UTF-8.',
  noContentEncoding: 'Send the body without Content-Encoding.',
  duplicateMember: 'The body has an object with a duplicate member.',
  tooDeep: (levels: number) => `The body is deeper than ${levels} levels.`,
  tooManyMembers: (most: number) => `The body has more than ${most} members and elements.`,
  notMultipart: 'The body is not valid multipart/form-data.',
  formNotUtf8: 'The form is not valid UTF-8.',
  tooManyFields: (most: number) => `The form has more than ${most} fields.`,
  partHeaders: (most: number, kib: number) =>
    `A part of the form may have ${most} headers, and ${kib} KiB of them.`,
  sendMultipart: 'Send the file as multipart/form-data.',
  fileTooLarge: (mib: number) => `A file may have at most ${mib} MiB.`,
  tooSlow: (seconds: number, kib: number) =>
    `The body took ${seconds} s at less than ${kib} KiB a second.`,
  tooManyHeaders: (most: number) => `A request may have at most ${most} header fields.`,
  headerTwice: (name: string) => `The header ${name} was sent twice.`,
  hostMissing: 'The Host header is missing.',
  httpTooOld: 'The version of HTTP is too old.',
  pipelined: (most: number) => `One connection may have at most ${most} requests open at a time.`,
  produces: (types: readonly string[]) => `This path sends ${types.join(' or ')}.`,
  originNotListed: 'The Origin header names an origin that is not listed in CORS_ORIGINS.',
  originMissing: 'The Origin header is missing; cookie transport needs it.',
  notSameOrigin: 'The Sec-Fetch-Site header is not same-origin.',

  // Limits.
  limitUsedUp: (limit: number, what: string, seconds: number, wait: number) =>
    `Only ${limit} ${what} are allowed in ${seconds} s; retry in ${wait} s.`,
  wrongPasswordsInSession: (wait?: number) =>
    `Too many wrong passwords in this session; ${waitOr(wait, 'sign in again')}.`,
  wrongAppCodes: (wait?: number) =>
    `Too many wrong codes of an app; ${waitOr(wait, 'answer with another method')}.`,
  keysUsed: (most: string) =>
    `You have used ${most} new Idempotency-Keys today; wait, or continue without one.`,
  mailsWaiting: 'Too many mails wait to be sent; retry later.',
  uploadsRunning: (most: number) => `You have ${most} uploads in progress; ${WAIT}.`,
  photosWaiting: (most: number) => `You already have ${most} photos waiting; ${WAIT}.`,
  notesFull: (most: string) => `You have ${most} notes; no more are allowed.`,
  housesFull: (most: string) => `You have ${most} houses; no more are allowed.`,
  housePhotosFull: (most: number) => `A house may have at most ${most} photos.`,
  photoBytesFull: (size: string) => `The photos of one user may have at most ${size} together.`,
  identitiesFull: (most: number) => `You have ${most} identities; remove one first.`,
  totpFull: 'You have an authenticator app; remove one first.',
  passkeysFull: (most: number) => `You have ${most} passkeys; remove one first.`,

  // Photos.
  notAnImage: 'The file is not a JPEG, PNG or WebP image.',
  animated: 'The image is animated; send a still image.',
  reencodedTooLarge: 'After re-encoding, the image is larger than 20 MiB.',
  filesNotStored: 'The server cannot store files at the moment; retry later.',

  // What is not there, or may not be done.
  noSuchAccount: 'There is no such account.',
  noAccountOfName: 'There is no account with this name.',
  noSuchNote: 'There is no such note.',
  noSuchHouse: 'There is no such house.',
  noSuchPhoto: 'There is no such photo.',
  noSuchError: 'There is no error with this code.',
  noSuchSession: 'You have no session with this id.',
  noSuchFactor: 'You have no factor with this id.',
  noSuchIdentity: 'You have no identity with this id.',
  accountHasNoSession: 'The account has no session with this id.',
  accountHasNoIdentity: 'The account has no identity with this id.',
  accountDisabled: 'The account is disabled; enable it first.',
  noMail: 'SMTP_URL is not set, so the server sends no mails.',
  ownAccount: 'Delete your own account at DELETE /me.',
  ownRole: 'Nobody changes a role of their own; ask another administrator.',
  signInNotOffered: 'This server does not offer this sign-in.',
  purposeNotOffered: 'This server does not offer this purpose.',
  wrongProof: 'The proof is wrong.',
  signInAgain: 'Sign in with your provider once more.',
  verifyFirst: 'Verify your e-mail address first: a code is on its way to it.',
}

function waitOr(seconds: number | undefined, wayOut: string): string {
  return seconds === undefined ? wayOut : `retry in ${seconds} s, or ${wayOut}`
}
