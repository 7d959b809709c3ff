type JsonType = keyof typeof types

const types = {
  string: 'a string',
  object: 'a JSON object',
  array: 'an array',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
}

/** What is wrong with a field: `errors[].detail`. */
export const fields = {
  required: 'This field is required.',
  unknown: 'This field is unknown.',
  noMeaning: 'This field has no meaning here.',
  oneRequired: 'At least one field is required.',
  bodyRequired: 'This request needs a JSON body.',
  noBody: 'This request must not have a body.',
  invalid: 'The value is not valid.',
  format: 'The value does not have the required format.',
  formatOf: (format: string) => `The value is not a valid ${format}.`,
  characters: 'The value has characters that are not allowed.',
  /** @param names types of JSON Schema, such as `integer` */
  type: (names: readonly string[]) =>
    `The value must be ${names.map((name) => types[name as JsonType] ?? name).join(' or ')}.`,
  minLength: (limit: number) => `The value must have at least ${count(limit, 'character')}.`,
  maxLength: (limit: number) => `The value must have at most ${count(limit, 'character')}.`,
  minItems: (limit: number) => `The value must have at least ${count(limit, 'item')}.`,
  maxItems: (limit: number) => `The value must have at most ${count(limit, 'item')}.`,
  minimum: (limit: number) => `The value must be at least ${limit}.`,
  maximum: (limit: number) => `The value must be at most ${limit}.`,
  mustBe: (value: string) => `The value must be ${value}.`,
  /** @param meant the nearest of the values, where one is near */
  oneOf: (values: readonly string[], meant?: string) =>
    `${meant === undefined ? '' : `Did you mean ${meant}? `}The value must be one of: ${values.join(', ')}.`,

  email: 'This is not a valid e-mail address.',
  usernameOrEmail: 'Send the username or the email.',
  notBoth: 'Send the username or the email, not both.',
  pageOrCursor: 'Send either page or cursor, not both.',
  foreignCursor:
    'The cursor does not belong to this list: send the sort and filters that it was made with.',
  currentPasswordForName: 'Changing the e-mail address or the username needs the current password.',
  wrongPassword: 'This is not the password of the account.',
  returnToNotListed:
    'This is not one of the addresses in RETURN_URLS; without it they are PUBLIC_URL and CORS_ORIGINS, each with a slash.',
  unknownProvider: 'This is not one of GET /providers.',
  unknownMethod: 'This challenge does not have this method.',
  noInvitations: 'This server sends no mails, so nobody can be invited: send a password.',
  fileRequired: 'The form must have a part named file.',
  onlyFile: 'The form must have one part only, named file.',
  brokenImage: 'The image is broken or cut off.',
  tooManyPixels: (megapixels: number, side: number) =>
    `An image may have at most ${megapixels} megapixels, and ${side} pixels on a side.`,

  passwordTooShort: (least: number) => `The password must have at least ${least} characters.`,
  passwordTooLong: (most: number) => `The password must have at most ${most} characters.`,
  passwordTooCommon: 'The password is too common: attackers try it first.',
  passwordHasUsername: 'The password must not contain the username.',
  passwordHasEmail: 'The password must not contain the name part of the e-mail address.',
  passwordBreached:
    'The password is in a list of passwords from data breaches; choose another one.',
  passwordUnchanged: 'The new password must differ from the current one.',
  passwordsDiffer: 'The two passwords must be the same.',
}

function count(limit: number, noun: string): string {
  return `${limit} ${noun}${limit === 1 ? '' : 's'}`
}
