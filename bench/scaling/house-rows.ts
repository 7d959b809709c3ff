import { searchText } from '../../src/platform/database/search-text.ts'
import { idAt, scattered, userRow } from './rows.ts'

const OWNERS = 300
const SPACING_MS = 30_000
const OWN_EVERY = 20
/** The settled owner has one in twenty of these houses, and none of the later ones. */
const SETTLED_UP_TO = 1000
const LIGHTHOUSE = 500

const cities = ['GD', 'SZ', 'HK', 'GZ', 'ZH', 'FS', 'DG', 'ZS', 'JM', 'HZ']
const chinese = ['海景花园', '翠湖豪庭', '阳光新城', '金色港湾', '碧水云天']
const english = [
  ...['Sea View Garden', 'Maple Court', 'Sunshine Plaza', 'Emerald Tower'],
  ...['Kings Park', 'River Walk', 'Orchard Hill'],
]
const streets = ['Harbour Road', '天河路', 'Queen’s Road', '滨海大道', 'Straße des Friedens']

export type HouseRows = ReturnType<typeof createHouseRows>

/** The name of the user who reads the lists, and owns one house in twenty. */
export const READER = 'reader'

/**
 * Houses by number from 0, the oldest first, and their owners. Names have about 1000 values,
 * numbers and addresses are unique, and one house is a lighthouse.
 * @param newest creation of the youngest house @param owner of all; by default the reader and
 * others
 */
export function createHouseRows(
  newest: number,
  count: number,
  passwordHash: string,
  owner?: string,
) {
  const oldest = newest - count * SPACING_MS
  const ownerId = (n: number) => idAt(oldest - n * 1000, n)
  const [reader, settled] = [ownerId(OWNERS + 1), ownerId(OWNERS)]
  const id = (n: number) => idAt(oldest + n * SPACING_MS, n)

  function ownerOf(n: number): string {
    if (owner) return owner
    if (n % OWN_EVERY === 0) return reader
    return n % OWN_EVERY === 1 && n < SETTLED_UP_TO ? settled : ownerId(scattered(n) % OWNERS)
  }

  function user(n: number) {
    const name = n > OWNERS ? READER : `owner-${n}`
    return userRow(ownerId(n), name, new Date(oldest), passwordHash)
  }

  function house(n: number) {
    const chance = scattered(n)
    const { projectNo, projectName, projectAddress } = textsOf(n, chance)
    const createdAt = oldest + n * SPACING_MS
    return {
      ...{ id: id(n), ownerId: ownerOf(n), projectNo, projectName, projectAddress },
      searchNo: searchText(projectNo),
      searchName: searchText(projectName),
      searchAddress: searchText(projectAddress),
      createdAt: new Date(createdAt),
      // One in eight was changed within a week.
      updatedAt: new Date(createdAt + (chance % 8 === 0 ? (chance % 604_800) * 1000 : 0)),
    }
  }

  const houses = { name: 'House', count, rowOf: house }
  const owners = { name: 'User', count: OWNERS + 2, rowOf: user }
  return { newest, tables: owner ? [houses] : [owners, houses], reader, settled, id }
}

/** What filters look for: a part of many houses, of one, and of none. */
export const searches = { many: '花园', one: 'lighthouse', none: '没有 such text' }

function textsOf(n: number, chance: number) {
  const isLighthouse = n === LIGHTHOUSE
  const name = `${chinese[chance % 5]} ${english[chance % 7]} ${chance % 29}`
  const address = `${n} ${streets[chance % streets.length]}, 广东省 ${chance % 97}`
  return {
    projectNo: projectNoOf(n),
    projectName: isLighthouse ? '灯塔 Lighthouse' : name,
    projectAddress: isLighthouse ? '1 Lighthouse Island' : address,
  }
}

function projectNoOf(n: number): string {
  return `${cities[scattered(n) % cities.length]}-2026-${String(n).padStart(7, '0')}`
}
