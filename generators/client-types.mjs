// Writes the types of the client from openapi.yaml; --print prints them.
import { readFileSync, writeFileSync } from 'node:fs'
import openapiTypescript, { astToString } from 'openapi-typescript'
import ts from 'typescript'

const DOCUMENT = new URL('../openapi.yaml', import.meta.url)
const TYPES = new URL('../client/src/api-types.ts', import.meta.url)
const HEAD = '// Made from openapi.yaml by "npm run openapi"; not for editing.\n\n'

const FILE = ts.factory.createTypeReferenceNode('Blob')

/** Uploads and photos are files: strings only on the wire. */
function asFile({ format, contentMediaType }) {
  return format === 'binary' || contentMediaType !== undefined ? FILE : undefined
}

const nodes = await openapiTypescript(readFileSync(DOCUMENT, 'utf8'), { transform: asFile })
const text = HEAD + astToString(nodes)
if (process.argv.includes('--print')) process.stdout.write(text)
else writeFileSync(TYPES, text)
