// Writes the Postman collection and environment from openapi.yaml, or to --into <folder>.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import converter from 'openapi-to-postmanv2'
import { parse } from 'yaml'
import { collectionOf, environmentOf } from './postman-collection.mjs'
import { operationsOf } from './postman-document.mjs'

const DOCUMENT = new URL('../openapi.yaml', import.meta.url)
const FOLDER = fileURLToPath(new URL('../postman', import.meta.url))
const OPTIONS = {
  parametersResolution: 'Example',
  enableOptionalParameters: false,
}

const document = parse(readFileSync(DOCUMENT, 'utf8'))
const folder = folderArgument(process.argv.slice(2)) ?? FOLDER
const requests = await converted(document)
write('latchkey.postman_collection.json', collectionOf(document, requests))
write('latchkey.postman_environment.json', environmentOf())

function folderArgument([option, value]) {
  if (option === undefined) return undefined
  if (option !== '--into' || !value) throw new Error('Only --into <folder> is understood.')
  return value
}

/** Requests as the converter makes them, by `METHOD /path/{variable}`. */
async function converted(whole) {
  const output = await convert(withoutResponses(whole))
  const entries = output.item.flatMap(requestsBelow).map((request) => [keyOf(request), request])
  return new Map(entries)
}

/** Saved answers come from examples; without response schemas the converter is faster. */
function withoutResponses(whole) {
  const copy = structuredClone(whole)
  for (const { operation } of operationsOf(copy)) {
    operation.responses = { 200: { description: 'Left out' } }
  }
  return copy
}

function convert(data) {
  return new Promise((resolve, reject) => {
    converter.convertV2(
      { type: 'json', data },
      OPTIONS,
      (error, { result, reason, output } = {}) =>
        result ? resolve(output[0].data) : reject(error ?? new Error(reason)),
    )
  })
}

function requestsBelow({ item, request }) {
  return item ? item.flatMap(requestsBelow) : [request]
}

function keyOf({ method, url }) {
  const parts = url.path.map((part) => part.replace(/^:(.+)$/, '{$1}'))
  return `${method} /${parts.join('/')}`
}

function write(name, content) {
  writeFileSync(join(folder, name), `${JSON.stringify(content, null, '\t')}\n`)
}
