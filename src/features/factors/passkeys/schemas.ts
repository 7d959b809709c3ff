import { Type } from 'typebox'
import { response, strictObject } from '../../../contract/schema.ts'

const RelatedOrigins = strictObject(
  {
    origins: Type.Array(Type.String({ example: 'https://app.example.org' }), {
      description: 'Origins of web pages.',
    }),
  },
  { title: 'RelatedOrigins' },
)

const cacheable = {
  'Cache-Control': {
    type: 'string',
    description: 'How long the answer may be cached.',
    example: 'public, max-age=300',
  },
} as const

export const relatedOriginsSchema = {
  operationId: 'getRelatedOrigins',
  summary: 'Read where passkeys may be used',
  description:
    'For browsers, which ask the domain that passkeys belong to (RP ID) before a page of another domain uses them (WebAuthn 3, related origins). They ask at port 443 of that domain.',
  tags: ['Accounts'],
  'x-memory-only': true,
  response: { 200: response(RelatedOrigins, 'The origins.', cacheable) },
}
