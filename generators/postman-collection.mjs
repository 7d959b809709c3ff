// Sorts the converter's requests, and makes them a collection that runs.
import { STATUS_CODES } from 'node:http'
import { answersOf, operationsOf, parameterValue, resolved } from './postman-document.mjs'
import { FIELDS, PICTURE, REQUESTS, SOURCES, VARIABLES } from './postman-requests.mjs'
import {
  adviceLines,
  answerLines,
  eventsOf,
  givenLines,
  idOf,
  skipLines,
  variablesIn,
} from './postman-text.mjs'

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json'
const HINT =
  'Send the first request of `Accounts`, then any other. Scripts keep the tokens and refresh them. A server elsewhere: change `baseUrl` in the variables of the collection, or choose the environment `Latchkey`.'

/** A folder for each tag, with the requests in the order of a run. */
export function collectionOf(document, requests) {
  const operations = placed(document)
  const item = []
  const shown = new Set()
  const seen = new Set()
  for (const { key, operation, place } of operations) {
    const { name, description } = place.folder ?? tagOf(document, operation)
    let folder = item.find((other) => other.name === name)
    if (!folder) {
      folder = { id: idOf(`folder ${name}`), name, description, item: [] }
      item.push(folder)
    }
    const made = requests.get(key)
    const isRepeated = seen.has(operation)
    seen.add(operation)
    const answers = isRepeated ? [] : answersOf(document, operation, shown)
    folder.item.push(itemOf({ document, operations, operation, place, made, answers }))
  }
  for (const folder of item) {
    folder.description = described(folder, operations)
  }
  const { title, description } = document.info
  const info = {
    _postman_id: idOf('collection'),
    name: title,
    description: `${HINT}\n\n${description}`,
    schema: SCHEMA,
  }
  const bearer = [{ key: 'token', value: '{{accessToken}}', type: 'string' }]
  const variable = VARIABLES.map(([key, value]) => ({ key, value }))
  return { info, item, event: eventsOf('collection'), auth: { type: 'bearer', bearer }, variable }
}

/** What the folder holds, and what it needs when it runs alone. */
function described({ description = '', item }, operations) {
  const own = item.map(({ id }) => id)
  const inside = operations.filter((one) => own.includes(itemId(one)))
  const sources = inside.flatMap(({ operation, place }) => [
    ...(needsToken(operation, place) ? ['register'] : []),
    ...variablesIn(place.path ?? {}).map((variable) => SOURCES[variable]),
  ])
  const lacking = [...new Set(sources)].filter((source) => !own.includes(idOf(source)))
  if (lacking.length === 0) return description
  const names = operations
    .filter(({ operation }) => lacking.includes(operation.operationId))
    .map(({ operation }) => `"${operation.summary}"`)
  return `${description} Run alone, this folder lacks what ${names.join(' and ')} ${names.length > 1 ? 'make: send them' : 'makes: send it'} first.`
}

function needsToken({ security }, { hasOwnToken }) {
  return security.length > 0 && !hasOwnToken
}

/** The environment, with no token in it. */
export function environmentOf() {
  return {
    id: idOf('environment'),
    name: 'Latchkey',
    values: VARIABLES.map(([key, value, type = 'default']) => ({
      key,
      value,
      type,
      enabled: true,
    })),
    _postman_variable_scope: 'environment',
  }
}

/** An operation that is sent several times has a name for each. */
function itemId({ operation: { operationId }, place: { name } }) {
  return idOf(name ? `${operationId} as ${name}` : operationId)
}

/** The operations in the order of the table; both must name the same ones. */
function placed(document) {
  const known = new Map(operationsOf(document).map((one) => [one.operation.operationId, one]))
  const names = REQUESTS.map(([name]) => name)
  const missing = [...known.keys()].filter((name) => !names.includes(name))
  const gone = names.filter((name) => !known.has(name))
  if (missing.length > 0) {
    throw new Error(`No request in src/features/<feature>/postman.mjs for: ${missing.join(', ')}`)
  }
  if (gone.length > 0) {
    throw new Error(`A postman.mjs of src/features has, openapi.yaml has not: ${gone.join(', ')}`)
  }
  return REQUESTS.map(([name, place]) => ({ ...known.get(name), place }))
}

function tagOf({ tags }, { tags: [name] }) {
  return tags.find((tag) => tag.name === name) ?? { name }
}

function itemOf({ document, operations, operation, place, made, answers }) {
  const { operationId, summary } = operation
  const request = requestOf({ document, operation, place, made })
  const nameOf = (id) =>
    operations.find((one) => one.operation.operationId === id)?.operation.summary
  const { auth, description, ...original } = request
  const given = givenLines(place)
  return {
    id: itemId({ operation, place }),
    name: place.name ?? summary,
    event: eventsOf(operationId, {
      before: [...skipLines(place), ...adviceLines(place, nameOf), ...given],
      after: [...answerLines(place), ...given],
    }),
    request,
    response: answers.map(({ code, name, type, value }) => ({
      id: idOf(`${operationId} ${name}`),
      name,
      originalRequest: original,
      status: STATUS_CODES[code],
      code,
      _postman_previewlanguage: 'json',
      header: [{ key: 'Content-Type', value: type }],
      body: JSON.stringify(value, null, 2),
    })),
  }
}

function requestOf({ document, operation, place, made }) {
  const parameters = (operation.parameters ?? []).map((one) => resolved(document, one))
  const body = place.hasBody === false ? undefined : (givenBody(place) ?? bodyOf(made.body))
  if (operation.requestBody && !body && place.hasBody !== false) {
    throw new Error(`The converter made no body for ${operation.operationId}`)
  }
  return {
    ...(needsToken(operation, place) ? {} : { auth: { type: 'noauth' } }),
    method: made.method,
    header: headersOf({ document, parameters, place, made, hasBody: body?.mode === 'raw' }),
    url: urlOf({ document, parameters, place, made }),
    ...(body ? { body } : {}),
    description: operation.description ?? '',
  }
}

/** Descriptions of parameters, with examples as values, switched off. */
function offered(document, parameters, where) {
  return parameters
    .filter((parameter) => parameter.in === where)
    .map((parameter) => ({
      key: parameter.name,
      value: parameterValue(document, parameter),
      description: parameter.description ?? '',
      disabled: true,
    }))
}

/** Switched on, where the table has a value for it. */
function withValue({ disabled, ...one }, values, key = one.key) {
  const value = values?.[key]
  return value ? { ...one, value } : { ...one, disabled }
}

function headersOf({ document, parameters, place, made, hasBody }) {
  const names = parameters.map(({ name }) => name.toLowerCase())
  const fixed = (made.header ?? [])
    .filter(({ key }) => !names.includes(key.toLowerCase()))
    .filter(({ key }) => key !== 'Content-Type' || hasBody)
    .map(({ key, value }) => ({ key, value }))
  const optional = offered(document, parameters, 'header').map((one) =>
    withValue(one, place.headers, one.key.toLowerCase()),
  )
  return [...fixed, ...optional]
}

function urlOf({ document, parameters, place, made }) {
  const query = offered(document, parameters, 'query').map((one) => withValue(one, place.query))
  const variable = made.url.path
    .filter((part) => part.startsWith(':'))
    .map((part) => pathVariable(part.slice(1), place))
  const path = made.url.path.join('/')
  const sent = query.filter(({ disabled }) => !disabled).map(({ key, value }) => `${key}=${value}`)
  return {
    raw: `{{baseUrl}}/${path}${sent.length > 0 ? `?${sent.join('&')}` : ''}`,
    host: ['{{baseUrl}}'],
    path: made.url.path,
    ...(query.length > 0 ? { query } : {}),
    ...(variable.length > 0 ? { variable } : {}),
  }
}

function pathVariable(key, { path }) {
  if (path?.[key] === undefined) {
    throw new Error(`No value in a postman.mjs of src/features for {${key}} of a path`)
  }
  return { key, value: path[key] }
}

function givenBody({ body }) {
  return body && jsonBody(body)
}

function bodyOf(body) {
  if (body?.mode === 'formdata') {
    const formdata = body.formdata.map(({ key, type }) =>
      type === 'file' ? { key, type, src: PICTURE } : { key, type, value: FIELDS[key] ?? '' },
    )
    return { mode: 'formdata', formdata }
  }
  if (body?.mode !== 'raw') return undefined
  const example = JSON.parse(body.raw)
  const filled = Object.entries(example).map(([key, value]) => [key, FIELDS[key] ?? value])
  return jsonBody(Object.fromEntries(filled))
}

function jsonBody(content) {
  const raw = JSON.stringify(content, null, 2)
  return { mode: 'raw', raw, options: { raw: { language: 'json' } } }
}
