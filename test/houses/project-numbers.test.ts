import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signedUp } from '../support/factories.ts'
import { startServer } from '../support/helper.ts'
import { theServer, withHouse } from '../support/house-server.ts'
import {
  aHouse,
  ask,
  assertRefused,
  assertStored,
  countHouses,
  newHouse,
  tally,
} from '../support/houses.ts'

// Unique numbers

test('project numbers differ by case, by spaces and by every code point', async (t) => {
  const server = await startServer(t)
  const person = await signedUp(server)
  const numbers = ['A', 'a', 'A ', 'A  ', ' A', 'Á', 'A\u0301', 'Ａ', 'A\u200b', 'ss', 'ß', 'ẞ']
  const more = [
    'ſs',
    'I',
    'İ',
    'ı',
    'i',
    '\u03a9',
    '\u2126',
    'K',
    '\u212a',
    '1',
    '１',
    '01',
    ' ',
    '  ',
  ]

  for (const projectNo of [...numbers, ...more]) {
    const house = await newHouse(server, person, { projectNo })
    await assertStored(server, person, house)
    const again = await ask(server, 'POST /houses', person, { body: aHouse({ projectNo }) })
    assertRefused(again, 'project_no_taken')
  }

  assert.equal(await server.database.client.house.count(), numbers.length + more.length)
})

test('POST, PUT and PATCH with a number that is taken answer 409 and change nothing', async () => {
  const { server, house, address, person } = await withHouse()
  const { projectNo } = await newHouse(server, await signedUp(server))
  const body = aHouse({ projectNo })

  assertRefused(await ask(server, 'POST /houses', person, { body }), 'project_no_taken')
  assertRefused(await ask(server, `PUT ${address}`, person, { body }), 'project_no_taken')
  assertRefused(await ask(server, `PATCH ${address}`, person, { body }), 'project_no_taken')

  await assertStored(server, person, house)
  assert.equal(await countHouses(server, person), 1)
})

test('POST /houses of one number 20 times at once makes one house', async () => {
  const server = await theServer()
  const people = [await signedUp(server), await signedUp(server)]
  const body = aHouse()

  const answers = await Promise.all(
    [...people, ...people, ...people, ...people, ...people]
      .flatMap((person) => [person, person])
      .map((person) => ask(server, 'POST /houses', person, { body })),
  )

  assert.deepEqual(tally(answers), { 201: 1, '409 project_no_taken': 19 })
  assert.equal(await server.database.client.house.count({ where: body }), 1)
})
