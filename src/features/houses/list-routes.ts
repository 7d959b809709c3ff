import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { actorOf } from '../../http/actor.ts'
import { pageLinks } from '../../http/page-links.ts'
import type { Cursors } from '../../platform/cursors.ts'
import type { Guard } from '../sessions/guard.ts'
import { cursorAt, placeAt } from './cursor.ts'
import { type HouseList, orderOf } from './list.ts'
import { houseView, type ListQuery, listHousesSchema } from './schemas.ts'

type Options = { houseList: HouseList; cursors: Cursors; guard: Guard; publicUrl: string }

/** Houses by pages with totals, or by cursor. */
export const houseListRoutes: FastifyPluginAsyncTypebox<Options> = async (app, options) => {
  const { houseList, cursors, guard, publicUrl } = options
  guard.protect(app)

  app.get('/houses', { schema: listHousesSchema }, (request, reply) =>
    request.query.cursor === undefined ? byPage(request, reply) : byCursor(request),
  )

  async function byPage({ query }: ListRequest, reply: FastifyReply) {
    const { page, size, sort, filter } = wishOf(query)
    const { items, totalItems } = await houseList.page(filter, orderOf(sort), { page, size })
    const totalPages = Math.ceil(totalItems / size)
    reply.header('link', pageLinks(`${publicUrl}/houses`, query, { page, totalPages }))
    return { items: items.map(houseView), page, size, totalItems, totalPages }
  }

  async function byCursor(request: ListRequest) {
    const { cursor, size, sort, filter } = wishOf(request.query)
    const list = { reader: actorOf(request), sort, filter }
    const from = placeAt(cursors, list, cursor)
    const { items, next } = await houseList.after(filter, orderOf(sort), from, size)
    return { items: items.map(houseView), nextCursor: cursorAt(cursors, list, next) }
  }
}

type ListRequest = FastifyRequest & { query: ListQuery }

/** What a query asks for, with what it leaves out. */
function wishOf({
  page = '1',
  size = '20',
  sort = '-createdAt',
  cursor = '',
  ...filter
}: ListQuery) {
  return { page: Number(page), size: Number(size), sort, cursor, filter }
}
