/** What Microsoft writes where it signs in people of many tenants. */
const TEMPLATE = 'https://login.microsoftonline.com/{tenantid}/v2.0'
const MANY = /^https:\/\/login\.microsoftonline\.com\/(?:common|organizations|consumers)\/v2\.0$/
/** All personal accounts are in this tenant. */
const PERSONAL = TEMPLATE.replace('{tenantid}', '9188040d-6c67-4c5b-b112-36a304b66dad')
const TENANT =
  /^https:\/\/login\.microsoftonline\.com\/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\/v2\.0$/

/** Whether a discovery document is the one of a configured issuer. */
export function isDocumentOf(issuer: string, documentIssuer: string): boolean {
  if (documentIssuer === issuer) return issuer !== TEMPLATE
  return MANY.test(issuer) && [TEMPLATE, PERSONAL].includes(documentIssuer)
}

/** Whether an issuer may speak for a document: of Microsoft's, each tenant does. */
export function speaksFor(issuer: string, documentIssuer: string): boolean {
  return documentIssuer === TEMPLATE ? TENANT.test(issuer) : issuer === documentIssuer
}
