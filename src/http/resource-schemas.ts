import { type TObject, type TOptional, type TProperties, type TSchema, Type } from 'typebox'
import { cursor, cursorPage, pageSize } from '../contract/paging.ts'
import { errorResponses, signedInOnly, signedInProblems } from '../contract/problem.ts'
import { response, strictObject, withReadOnly } from '../contract/schema.ts'
import { ReadConditions, WriteConditions } from './headers/conditional.ts'
import {
  changed,
  etag,
  exampleOf,
  header,
  idempotencyKey,
  ifMatch,
  nameOf,
  sentences,
} from './resource-parts.ts'

// The schemas of the operations that every resource has: what they take and answer, and what the
// reference says of them.

type Operation = 'list' | 'create' | 'read' | 'replace' | 'update' | 'remove'

type Resource<
  Id extends TSchema = TSchema,
  View extends TObject = TObject,
  Columns extends TProperties = TProperties,
> = {
  /** How the reference groups its operations: `Houses`, at `/houses`. */
  tag: string
  /** One of them: `house`. */
  noun: string
  id: Id
  /** What clients see. */
  view: View
  /** What clients write, optional where a whole one may go without. */
  columns: Columns
  /** A sentence on what columns hold that a whole resource leaves out. */
  defaults: string
  /** What the reference says of an operation besides what holds for all resources. */
  says: Partial<Record<Operation, string>>
  /** The errors of an operation besides those of all resources. */
  problems?: Partial<Record<Operation, readonly string[]>>
}

/** The schemas of a resource; the routes take those that it has. */
export function resourceSchemas<
  Id extends TSchema,
  View extends TObject,
  Columns extends TProperties,
>(resource: Resource<Id, View, Columns>) {
  return {
    list: listSchema(resource),
    create: createSchema(resource),
    read: readSchema(resource),
    replace: replaceSchema(resource),
    update: updateSchema(resource),
    remove: removeSchema(resource),
  }
}

function listSchema<View extends TObject>(resource: Resource<TSchema, View>) {
  const { tag, view, says } = resource
  const names = tag.toLowerCase()
  return {
    ...common(resource, `list${tag}`),
    summary: `List your ${names}, by cursor`,
    description: sentences(
      `The newest come first. The answer is equally fast at any depth, and ${names} that others create or delete in the meantime shift nothing.`,
      says.list,
    ),
    querystring: strictObject({
      cursor: cursor('Empty to start, then `nextCursor` of the previous answer.'),
      size: pageSize(tag),
    }),
    response: {
      200: response(
        cursorPage(view, {
          names,
          title: `${nameOf(resource)}List`,
          description: 'A part of the list.',
        }),
        `The ${names}.`,
      ),
      ...errors(resource, 'list'),
    },
  }
}

function createSchema<View extends TObject, Columns extends TProperties>(
  resource: Resource<TSchema, View, Columns>,
) {
  const { noun, id, view, columns, defaults, says } = resource
  return {
    ...common(resource, `create${nameOf(resource)}`),
    summary: `Create a ${noun} of your own`,
    description: sentences(
      `Creates a ${noun} with version 1 that belongs to you. With an \`Idempotency-Key\`, a retry gets the first answer again and creates no second ${noun}.`,
      says.create,
    ),
    headers: Type.Object({ 'idempotency-key': idempotencyKey(noun) }),
    body: strictObject(columns, {
      title: `${nameOf(resource)}Input`,
      description: `A whole ${noun}. ${defaults}`,
    }),
    response: {
      201: response(view, `The ${noun}.`, {
        ...header(
          'Location',
          `The path of the ${noun}.`,
          `/${resource.tag.toLowerCase()}/${exampleOf(id)}`,
        ),
        ...etag(1),
      }),
      ...errors(resource, 'create', 'limit_reached', 'idempotency_mismatch'),
    },
  }
}

function readSchema<Id extends TSchema, View extends TObject>(resource: Resource<Id, View>) {
  const { noun, id, view, says } = resource
  return {
    ...common(resource, `get${nameOf(resource)}`),
    summary: `Read a ${noun}`,
    description: sentences(
      says.read,
      `Send the ETag that you have in \`If-None-Match\`: a ${noun} that has not changed is answered with 304 and no body.`,
    ),
    params: strictObject({ id }),
    headers: ReadConditions,
    response: {
      200: response(view, `The ${noun}.`, etag(1)),
      304: {
        description: `The ${noun} has not changed: it has the ETag in If-None-Match.`,
        type: 'null',
        headers: etag(1),
      },
      ...errors(resource, 'read', 'not_found'),
    },
  }
}

function replaceSchema<Id extends TSchema, View extends TObject, Columns extends TProperties>(
  resource: Resource<Id, View, Columns>,
) {
  const { noun, view, columns, defaults, says } = resource
  return {
    ...common(resource, `replace${nameOf(resource)}`),
    params: strictObject({ id: resource.id }),
    headers: WriteConditions,
    summary: `Replace a ${noun} that you own`,
    description: sentences(
      `Replaces all the fields and increases the version by one. ${defaults} ${ifMatch(noun, 'nothing changes')}`,
      says.replace,
    ),
    body: withReadOnly(
      view,
      strictObject(columns, {
        title: `${nameOf(resource)}Replacement`,
        description: `A whole ${noun}. ${defaults} Read-only fields are ignored.`,
      }),
    ),
    'x-examples': { 200: changed(noun) },
    response: {
      200: response(view, `The ${noun} as it is now.`, etag(2)),
      ...errors(resource, 'replace', 'not_found', 'precondition_failed'),
    },
  }
}

function updateSchema<Id extends TSchema, View extends TObject, Columns extends TProperties>(
  resource: Resource<Id, View, Columns>,
) {
  const { noun, view, columns, says } = resource
  const others = Object.keys(columns).slice(0, -1)
  return {
    ...common(resource, `update${nameOf(resource)}`),
    params: strictObject({ id: resource.id }),
    headers: WriteConditions,
    summary: `Change some fields of a ${noun} that you own`,
    description: sentences(
      `Changes the fields that you send and no others, and increases the version by one. ${ifMatch(noun, 'nothing changes')}`,
      says.update,
    ),
    body: withReadOnly(
      view,
      strictObject(optional(columns), {
        title: `${nameOf(resource)}Patch`,
        description: 'Fields that you leave out do not change. Read-only fields are ignored.',
      }),
    ),
    'x-examples': { request: { one: { summary: 'One field', omit: others } }, 200: changed(noun) },
    response: {
      200: response(view, `The ${noun} as it is now.`, etag(2)),
      ...errors(resource, 'update', 'not_found', 'precondition_failed'),
    },
  }
}

function removeSchema<Id extends TSchema>(resource: Resource<Id>) {
  const { noun, says } = resource
  return {
    ...common(resource, `delete${nameOf(resource)}`),
    params: strictObject({ id: resource.id }),
    headers: WriteConditions,
    summary: `Delete a ${noun} that you own`,
    description: sentences(
      `Permanently deletes the ${noun}. ${ifMatch(noun, 'nothing is deleted')}`,
      says.remove,
    ),
    response: {
      204: { description: `The ${noun} is deleted.`, type: 'null' },
      ...errors(resource, 'remove', 'not_found', 'precondition_failed'),
    },
  }
}

function common({ tag }: Resource, operationId: string) {
  return { tags: [tag], security: signedInOnly, operationId }
}

function errors({ problems }: Resource, operation: Operation, ...codes: string[]) {
  return errorResponses(...signedInProblems, ...codes, ...(problems?.[operation] ?? []))
}

function optional<Columns extends TProperties>(columns: Columns) {
  const entries = Object.entries(columns).map(([name, column]) => [name, Type.Optional(column)])
  return Object.fromEntries(entries) as { [Name in keyof Columns]: TOptional<Columns[Name]> }
}
