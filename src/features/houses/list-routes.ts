import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { deviceOf } from '../../http/device.ts'
import { linkHeader } from '../../http/headers/link.ts'
import type { Cursors } from '../../platform/paging/cursors.ts'
import { askerOf } from '../../platform/queues/askers.ts'
import type { Guard } from '../tokens/guard.ts'
import { filterNames, type HouseFilter, houseView } from './house.ts'
import { type HouseList, orderOf, type Sort } from './list.ts'
import { type ListQuery, listHousesSchema } from './list-schemas.ts'

type Options = { houseList: HouseList; cursors: Cursors; guard: Guard; publicUrl: string }

export const houseListRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { houseList, cursors, guard, publicUrl } = options
  guard.protect(app)

  app.get('/houses', { schema: listHousesSchema }, (request, reply) =>
    request.query.cursor === undefined ? byPage(request, reply) : byCursor(request),
  )

  async function byPage(request: ListRequest, reply: FastifyReply) {
    const { query } = request
    const { page, size, sort, filter } = withDefaults(query)
    const wanted = { page, size }
    const asker = askerIn(request)
    const { items, totalItems } = await houseList.page(filter, orderOf(sort), wanted, asker)
    const totalPages = Math.ceil(totalItems / size)
    const links = linkHeader(`${publicUrl}/houses`, query, { page, totalPages })
    if (links !== undefined) reply.header('link', links)
    return { items: items.map(houseView), page, size, totalItems, totalPages }
  }

  async function byCursor(request: ListRequest) {
    const { user, query } = request
    const { cursor, size, sort, filter } = withDefaults(query)
    const list = listName(user.sub, sort, filter)
    const from = cursors.open(cursor, list)
    const wanted = { from, size, asker: askerIn(request) }
    const { items, next } = await houseList.after(filter, orderOf(sort), wanted)
    return { items: items.map(houseView), nextCursor: cursors.seal(next, list) }
  }
}

const askerIn = (request: FastifyRequest) => askerOf(deviceOf(request), 'owner', request.user.sub)

type ListRequest = FastifyRequest & { query: ListQuery }

function withDefaults({ page = '1', size = '20', sort = '-createdAt', ...rest }: ListQuery) {
  const { cursor = '', ...filter } = rest
  return { page: Number(page), size: Number(size), sort, cursor, filter }
}

/** Names the list of one reader, so that its cursors fit no other list. */
export function listName(readerId: string, sort: Sort, filter: HouseFilter): string {
  const values = filterNames.map((name) => filter[name] ?? '')
  return JSON.stringify(['houses', readerId, sort, ...values])
}
