// What requests for houses cost with many of them, through the whole server without a socket.
import type { InjectOptions } from 'fastify'
import { orderOf, type Sort } from '../../src/features/houses/list.ts'
import { listName } from '../../src/features/houses/list-routes.ts'
import { timed } from '../support/interleaved.ts'
import { PASSWORD } from '../support/requests.ts'
import type { Dataset, Operation, Subject } from './dataset.ts'
import { createHouseRows, type HouseRows, READER, searches } from './house-rows.ts'

type Houses = Dataset<HouseRows>
type Query = Record<string, string>

const SIZE = 20
const DEEP_PLACES = 20
const PLACE_STEP = 5

const cursorSorts: Sort[] = ['-createdAt', 'projectName', 'projectNo', '-updatedAt']
const pageSorts: Sort[] = ['-createdAt', 'projectName']

const create: Operation<HouseRows> = {
  ...asking('create', true, async () => (turn) => ({
    method: 'POST',
    url: '/houses',
    payload: {
      projectNo: `NEW-${turn}`,
      projectName: '海景花园 Sea View Garden',
      projectAddress: `${turn} New Road`,
    },
  })),
  undo: ({ inside, rows, size }) =>
    inside.database.client.house.deleteMany({ where: { id: { gt: rows.id(size) } } }),
}

const get = asking('get', true, async ({ rows, size }) => () => ({
  url: `/houses/${rows.id(Math.floor(Math.random() * size))}`,
}))

export const houses: Subject<HouseRows> = {
  name: 'houses',
  page: 'houses-growth.md',
  maxGrowth: 1.5,
  bounds: {
    warmUp: { count: 20, fewest: 1, limitMs: 750 },
    samples: { count: 300, fewest: 5, limitMs: 3000 },
  },
  createRows: createHouseRows,
  operations: [
    create,
    get,
    ...cursorSorts.flatMap((sort) => [cursorStart({ sort }), cursorDeep(sort)]),
    ...cursorSorts.map((sort) => ownedBy('owner of 5 %', ({ reader }) => reader, sort)),
    ...cursorSorts.map((sort) => ownedBy('owner of 50', ({ settled }) => settled, sort)),
    ...pageSorts.flatMap((sort) => [page(1, { sort }), page(1000, { sort })]),
    ...filters(),
  ],
  check: checkSearches,
}

type RequestOf = (turn: number) => InjectOptions | undefined

function asking(
  name: string,
  isBounded: boolean,
  prepare: (dataset: Houses) => Promise<RequestOf>,
): Operation<HouseRows> {
  return {
    name,
    isBounded,
    prepare: async (dataset) => {
      const [ask, requestOf] = [await asReader(dataset), await prepare(dataset)]
      return async (turn) => {
        const request = requestOf(turn)
        return request && timed(async () => (await ask(request)).statusCode)
      }
    },
  }
}

/** Signs the reader in. @returns what sends a request with the token */
async function asReader({ inside: { app } }: Houses) {
  const payload = { username: READER, password: PASSWORD }
  const answer = await app.inject({ method: 'POST', url: '/login', payload })
  if (answer.statusCode !== 200) throw new Error(answer.body)
  const headers = { authorization: `Bearer ${answer.json().access_token}` }
  return (request: InjectOptions) => app.inject({ ...request, headers })
}

function page(number: number, query: Query): Operation<HouseRows> {
  const request = list({ ...query, page: `${number}` })
  return asking(`page ${number}, ${described(query)}`, false, async ({ size }) => {
    const isBeyond = (number - 1) * SIZE >= size
    return () => (isBeyond ? undefined : request)
  })
}

function cursorStart(query: Query, isBounded = true): Operation<HouseRows> {
  const request = list({ ...query, cursor: '' })
  return asking(`cursor, start, ${described(query)}`, isBounded, async () => () => request)
}

/** Cursors near the end of the list, made as the server does, since a walk would be long. */
function cursorDeep(sort: Sort): Operation<HouseRows> {
  return asking(`cursor, depth, ${described({ sort })}`, true, async (dataset) => {
    const requests = (await deepCursors(dataset, sort)).map((cursor) => list({ sort, cursor }))
    return (turn) => requests[turn % requests.length]
  })
}

async function deepCursors({ inside, rows }: Houses, sort: Sort): Promise<string[]> {
  const { columns, isDescending } = orderOf(sort)
  const backwards = isDescending ? 'asc' : 'desc'
  const last = await inside.database.client.house.findMany({
    orderBy: columns.map((column) => ({ [column]: backwards })),
    skip: SIZE,
    take: DEEP_PLACES * PLACE_STEP,
  })
  const name = listName(rows.reader, sort, {})
  return last
    .filter((_, at) => at % PLACE_STEP === 0)
    .map((house) => columns.map((column) => house[column as 'id' | 'updatedAt']))
    .map((position) => inside.services.cursors.seal(position, name) ?? '')
}

function ownedBy(
  who: string,
  ownerOf: (rows: HouseRows) => string,
  sort: Sort,
): Operation<HouseRows> {
  return asking(`cursor, ${who}, ${described({ sort })}`, true, async ({ rows }) => {
    const request = list({ ownerId: ownerOf(rows), sort, cursor: '' })
    return () => request
  })
}

function filters(): Operation<HouseRows>[] {
  const all = Object.entries(searches).flatMap(([hits, q]) => [
    { ...page(1, { q }), name: `page 1, q of ${hits}` },
    { ...cursorStart({ q }, false), name: `cursor, start, q of ${hits}` },
  ])
  const sorted = cursorStart({ q: searches.one, sort: 'projectName' }, false)
  return [...all, { ...sorted, name: 'cursor, start, q of one, projectName' }]
}

/** @throws Error when a filter does not find what it is meant to find */
async function checkSearches(dataset: Houses): Promise<void> {
  const ask = await asReader(dataset)
  const count = async (q: string) => (await ask(list({ q, page: '1' }))).json().totalItems
  const { many, one, none } = searches
  const counts = [await count(many), await count(one), await count(none)]
  if (!(counts[0] > 1) || counts[1] !== 1 || counts[2] !== 0) {
    throw new Error(`the filters find ${counts.join(', ')} houses`)
  }
}

function list(query: Query): InjectOptions {
  return { url: `/houses?${new URLSearchParams({ size: `${SIZE}`, ...query })}` }
}

function described(query: Query): string {
  return Object.values(query).join(', ')
}
