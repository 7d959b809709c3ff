import type { InjectOptions } from 'fastify'
import { orderOf, type Sort } from '../src/features/houses/list.ts'
import { listName } from '../src/features/houses/list-routes.ts'
import { searches } from './houses-rows.ts'
import type { World } from './houses-worlds.ts'

/** One kind of request. `prepare` makes what gives the request of each turn. */
export type Operation = {
  name: string
  /** Whether a table a thousand times as large may make it only 1.5 times as slow. */
  isBounded: boolean
  prepare(world: World): Promise<(turn: number) => InjectOptions | undefined>
  /** Undoes what the requests did. */
  undo?(world: World): Promise<unknown>
}

type Query = Record<string, string>

const SIZE = 20
const DEEP_PLACES = 20
const PLACE_STEP = 5

const cursorSorts: Sort[] = ['-createdAt', 'projectName', 'projectNo', '-updatedAt']
const pageSorts: Sort[] = ['-createdAt', 'projectName']

const create: Operation = {
  name: 'create',
  isBounded: true,
  prepare: async () => (turn) => ({
    method: 'POST',
    url: '/houses',
    payload: {
      projectNo: `NEW-${turn}`,
      projectName: '海景花园 Sea View Garden',
      projectAddress: `${turn} New Road`,
    },
  }),
  undo: ({ server, rows, size }) =>
    server.database.client.house.deleteMany({ where: { id: { gt: rows.id(size) } } }),
}

const get: Operation = {
  name: 'get',
  isBounded: true,
  prepare:
    async ({ rows, size }) =>
    () => ({
      url: `/houses/${rows.id(Math.floor(Math.random() * size))}`,
    }),
}

/** Everything that is measured, in the order of the tables. */
export const operations: Operation[] = [
  create,
  get,
  ...cursorSorts.flatMap((sort) => [cursorStart({ sort }), cursorDeep(sort)]),
  ...cursorSorts.map((sort) => ownCursor(sort)),
  ...cursorSorts.map((sort) => settledCursor(sort)),
  ...pageSorts.flatMap((sort) => [page(1, { sort }), page(1000, { sort })]),
  ...filters(),
]

function page(number: number, query: Query): Operation {
  return {
    name: `page ${number}, ${described(query)}`,
    isBounded: false,
    prepare: async ({ size }) => {
      const isBeyond = (number - 1) * SIZE >= size
      const request = list({ ...query, page: `${number}` })
      return () => (isBeyond ? undefined : request)
    },
  }
}

function cursorStart(query: Query, isBounded = true): Operation {
  const request = list({ ...query, cursor: '' })
  return {
    name: `cursor, start, ${described(query)}`,
    isBounded,
    prepare: async () => () => request,
  }
}

/** Cursors near the end of the list, made as the server makes them, since the walk would be long. */
function cursorDeep(sort: Sort): Operation {
  return {
    name: `cursor, depth, ${described({ sort })}`,
    isBounded: true,
    prepare: async (world) => {
      const requests = (await deepCursors(world, sort)).map((cursor) => list({ sort, cursor }))
      return (turn) => requests[turn % requests.length]
    },
  }
}

async function deepCursors({ server, reader }: World, sort: Sort): Promise<string[]> {
  const { columns, isDescending } = orderOf(sort)
  const backwards = isDescending ? 'asc' : 'desc'
  const last = await server.database.client.house.findMany({
    orderBy: columns.map((column) => ({ [column]: backwards })),
    skip: SIZE,
    take: DEEP_PLACES * PLACE_STEP,
  })
  const name = listName(reader, sort, {})
  return last
    .filter((_, at) => at % PLACE_STEP === 0)
    .map((house) => columns.map((column) => house[column as 'id' | 'updatedAt']))
    .map((place) => server.services.cursors.seal(place, name) ?? '')
}

/** The houses of an owner who has one in twenty. */
function ownCursor(sort: Sort): Operation {
  return {
    name: `cursor, owner of 5 %, ${described({ sort })}`,
    isBounded: true,
    prepare: async ({ reader }) => {
      const request = list({ ownerId: reader, sort, cursor: '' })
      return () => request
    },
  }
}

/** The houses of an owner who has 50 in a table of any size. */
function settledCursor(sort: Sort): Operation {
  return {
    name: `cursor, owner of 50, ${described({ sort })}`,
    isBounded: true,
    prepare: async ({ rows }) => {
      const request = list({ ownerId: rows.settled, sort, cursor: '' })
      return () => request
    },
  }
}

function filters(): Operation[] {
  const pages = Object.entries(searches).flatMap(([field, texts]) =>
    Object.entries(texts).map(([hits, text]) => ({
      ...page(1, { [field]: text }),
      name: `page 1, ${field} of ${hits}`,
    })),
  )
  const cursors = Object.entries(searches.q).map(([hits, q]) => ({
    ...cursorStart({ q }, false),
    name: `cursor, start, q of ${hits}`,
  }))
  const sorted = {
    ...cursorStart({ q: searches.q.one, sort: 'projectName' }, false),
    name: 'cursor, start, q of one, projectName',
  }
  return [...pages, ...cursors, sorted]
}

/** The costliest reads: a filter that finds nothing, and the count of all houses. */
export const costlyRequests = {
  'two scans by q at a time': list({ q: searches.q.none }),
  'two reads of page 1 at a time': list({ page: '1' }),
}

function list(query: Query): InjectOptions {
  return { url: `/houses?${new URLSearchParams({ size: `${SIZE}`, ...query })}` }
}

function described(query: Query): string {
  return Object.values(query).join(', ')
}
