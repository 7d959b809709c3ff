/** The form that a field asks for (`x-hint` of its schema). */
export const hints = {
  username: 'The username may have A-Z a-z 0-9 _ . - and must start with a letter or a digit.',
  email: 'This is not a valid e-mail address.',
  wellFormed: 'Broken Unicode is not allowed.',
  line: 'Control characters and broken Unicode are not allowed.',
  size: 'The size must be a whole number from 1 to 100.',
  page: 'The page must be a whole number from 1.',
  entityTags: 'Send * or entity tags as ETag gave them, in their quotes, separated by commas.',
  codeVerifier: 'Send the code verifier: 43 to 128 characters of A-Z a-z 0-9 - . _ ~.',
  codeChallenge: 'Send the base64url of a SHA-256 digest: 43 characters.',
}
