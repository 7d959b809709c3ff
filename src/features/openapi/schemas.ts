import { Type } from 'typebox'

export const YAML_TYPE = 'application/yaml'

const AnyObject = Type.Object(
  {},
  {
    additionalProperties: true,
    example: { openapi: '3.1.0', info: { title: 'Latchkey', version: '0.1.0' }, paths: {} },
  },
)

export const getOpenApiJsonSchema = {
  operationId: 'getOpenApiJson',
  summary: 'This document as JSON',
  description: 'OpenAPI 3.1, generated from the routes of this server.',
  tags: ['Service'],
  'x-memory-only': true,
  response: { 200: documentIn('application/json', AnyObject) },
}

export const getOpenApiYamlSchema = {
  operationId: 'getOpenApiYaml',
  summary: 'This document as YAML',
  description: 'The same document as `/openapi.json`, for tools and people that prefer YAML.',
  tags: ['Service'],
  'x-memory-only': true,
  response: { 200: documentIn(YAML_TYPE, Type.String({ example: 'openapi: 3.1.0' })) },
}

function documentIn(type: string, schema: object) {
  return { description: 'The OpenAPI 3.1 document.', content: { [type]: { schema } } }
}
