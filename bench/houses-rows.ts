import { v7 as uuidv7 } from 'uuid'
import { searchText } from '../src/platform/search-text.ts'

const OWNERS = 300
const SPACING_MS = 30_000
const OWN_EVERY = 20
/** The settled owner has one in twenty of these, and none of those that came later. */
const SETTLED_UP_TO = 1000
const LIGHTHOUSE = 500

const places = ['GD', 'SZ', 'HK', 'GZ', 'ZH', 'FS', 'DG', 'ZS', 'JM', 'HZ']
const chinese = ['海景花园', '翠湖豪庭', '阳光新城', '金色港湾', '碧水云天']
const english = [
  'Sea View Garden',
  'Maple Court',
  'Sunshine Plaza',
  'Emerald Tower',
  'Kings Park',
  'River Walk',
  'Orchard Hill',
]
const streets = ['Harbour Road', '天河路', 'Queen’s Road', '滨海大道', 'Straße des Friedens']

export type Rows = ReturnType<typeof createRows>

/**
 * Houses by their number, from 0: the same ones each time, the oldest first. Names have about 1000
 * values, numbers and addresses are unique, and one house alone is a lighthouse.
 * @param newest when the youngest of `count` houses was created, in milliseconds since 1970
 */
export function createRows(newest: number, count: number) {
  const oldest = newest - count * SPACING_MS
  const settled = idAt(oldest - OWNERS * 1000, OWNERS)
  const others = Array.from({ length: OWNERS }, (_, n) => idAt(oldest - n * 1000, n))

  function id(n: number): string {
    return idAt(oldest + n * SPACING_MS, n)
  }

  function ownerOf(n: number, reader: string): string {
    if (n % OWN_EVERY === 0) return reader
    if (n % OWN_EVERY === 1 && n < SETTLED_UP_TO) return settled
    return others[scattered(n) % others.length] ?? reader
  }

  /** @param reader owns one house in twenty */
  function house(n: number, reader: string) {
    const chance = scattered(n)
    const texts = n === LIGHTHOUSE ? lighthouse(n) : textsOf(n, chance)
    const createdAt = oldest + n * SPACING_MS
    return {
      id: id(n),
      ...texts,
      searchNo: searchText(texts.projectNo),
      searchName: searchText(texts.projectName),
      searchAddress: searchText(texts.projectAddress),
      ownerId: ownerOf(n, reader),
      createdAt: new Date(createdAt),
      // One in eight was changed within a week.
      updatedAt: new Date(createdAt + (chance % 8 === 0 ? (chance % 604_800) * 1000 : 0)),
    }
  }

  return { owners: [settled, ...others], settled, id, house }
}

/** What filters look for: a part of many houses, of one, and of none. */
export const searches = {
  projectNo: { many: 'gd-', one: projectNoOf(LIGHTHOUSE).toLowerCase(), none: 'xx-2026' },
  projectName: { many: 'garden', one: 'lighthouse', none: '没有 such house' },
  projectAddress: { many: 'harbour road', one: 'lighthouse', none: '没有 such street' },
  q: { many: '花园', one: 'lighthouse', none: '没有 such text' },
}

function textsOf(n: number, chance: number) {
  return {
    projectNo: projectNoOf(n),
    projectName: `${chinese[chance % 5]} ${english[chance % 7]} ${chance % 29}`,
    projectAddress: `${n} ${streets[chance % streets.length]}, 广东省 ${chance % 97}`,
  }
}

function lighthouse(n: number) {
  return {
    projectNo: projectNoOf(n),
    projectName: '灯塔 Lighthouse',
    projectAddress: '1 Lighthouse Island',
  }
}

function projectNoOf(n: number): string {
  return `${places[scattered(n) % places.length]}-2026-${String(n).padStart(7, '0')}`
}

/** The same id each time for the same moment and number. */
function idAt(msecs: number, seq: number): string {
  return uuidv7({ msecs, seq, random: new Uint8Array(16) })
}

/** A number that looks like chance (Knuth's multiplicative hash), the same each time. */
function scattered(n: number): number {
  return (Math.imul(n + 1, 2_654_435_761) >>> 0) >>> 3
}
