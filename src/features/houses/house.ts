import { type Static, type TObject, Type } from 'typebox'
import { exampleIds, HouseId, ID_PATTERN, UserId } from '../../contract/ids.ts'
import { nullable, strictObject, text, versionFields } from '../../contract/schema.ts'

// The columns of a house: bodies, responses, rows, filters and their types all come from here.

/** Writable columns. A new one is a line here, in prisma/schema.prisma and in a migration. */
const columns = {
  projectNo: text(128, {
    min: 1,
    description: 'The project number. Each house has a different one.',
    example: 'GD-2026-0017',
  }),
  projectName: text(256, {
    min: 1,
    description: 'The name of the project.',
    example: '海景花园 Sea View Garden',
  }),
  projectAddress: nullable(
    text(256, {
      description: 'The address of the project, or null if it is not known.',
      example: '12 Harbour Road',
    }),
  ),
}

/** Columns that a whole house may omit, and their defaults. */
const defaults = { projectAddress: null }

/** Texts with a filter, and their columns in lower case (`searchText`). */
export const searchColumns = {
  projectNo: 'searchNo',
  projectName: 'searchName',
  projectAddress: 'searchAddress',
} as const

/** Filters of a list: the owner, one of the texts, or `q`, which searches all of them. */
export const filters = {
  ownerId: Type.Optional(
    Type.String({
      pattern: `^$|${ID_PATTERN}`,
      description: 'Houses of this owner.',
      example: exampleIds.user,
    }),
  ),
  projectNo: contains(128, '`projectNo`', '2026'),
  projectName: contains(256, '`projectName`', '花园'),
  projectAddress: contains(256, '`projectAddress`', 'harbour'),
  q: contains(256, 'any of the three texts', 'sea view'),
}

/** A part of a text, in any case; an empty one filters nothing. */
function contains(max: number, where: string, example: string) {
  return Type.Optional(
    text(max, { description: `Houses with this text in ${where}, in any case.`, example }),
  )
}

const Draft = Type.Object(columns)
const Filters = Type.Object(filters)

export const HouseView = strictObject(
  {
    id: HouseId,
    ...columns,
    ownerId: UserId,
    ...versionFields,
  },
  { title: 'House', description: 'A house, as every signed-in user sees it.' },
)

/** What a person writes of a house. */
export type HouseDraft = Static<typeof Draft>
/** What every signed-in user sees of a house. */
export type HouseView = Static<typeof HouseView>
/** A row of the House table. */
export type House = Omit<HouseView, 'createdAt' | 'updatedAt'> & {
  createdAt: Date
  updatedAt: Date
}
export type HouseFilter = Static<typeof Filters>

export const draftColumns = Object.keys(columns) as (keyof HouseDraft)[]
export const houseColumns = Object.keys(HouseView.properties)
export const searchFields = Object.keys(searchColumns) as (keyof typeof searchColumns)[]
export const filterNames = Object.keys(filters) as (keyof HouseFilter)[]

/** The schema of the response removes the other columns. */
export function houseView(house: House): HouseView {
  const { createdAt, updatedAt } = house
  return {
    ...house,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

export const whole = { ...columns, projectAddress: Type.Optional(columns.projectAddress) }

export function draftOf(body: Static<TObject<typeof whole>>): HouseDraft {
  return { ...defaults, ...body }
}
