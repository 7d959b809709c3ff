// Notes, houses and photos of examples/spa in a real browser: npm run test:browser (CHROMIUM=<path>
// names another).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aPicture } from '../../support/pictures.ts'
import {
  field,
  follow,
  heading,
  loseNextAnswer,
  openSpa,
  openTab,
  press,
  type SpaPage,
  said,
  spaScene,
} from '../../support/spa-pages.ts'

const NOTES = /\/notes(\/[^/]*)?$/

const scene = await spaScene()
const { app } = scene.example

test('A note is written, read, changed and deleted', async () => {
  const page = await openSpa(scene, 'ada')

  await page.goto(`${app}/notes/new`)
  await press(page, 'Save')
  await page.getByText('Please fill in this field.').waitFor()
  assert.equal(await page.evaluate('document.activeElement.name'), 'title')
  await writeNote(page, 'Milk', 'Two bottles.')
  await said(page, 'The note is saved.')
  await heading(page, 'Milk')
  await page.getByText('Two bottles.').waitFor()
  await follow(page, 'Edit')
  await field(page, 'Tags').fill('shop, home，shop')
  await press(page, 'Save')
  await heading(page, 'Milk')
  assert.deepEqual(await page.locator('.badge').allTextContents(), ['shop', 'home'])
  await press(page, 'Delete')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await said(page, 'The note is deleted.')
  await heading(page, 'Notes')

  assert.equal(await page.getByText('Milk').count(), 0)
  assert.deepEqual(page.complaints, [])
})

test('A note that two tabs change shows both versions: mine stays, or the other', async () => {
  const one = await openSpa(scene, 'ada')
  await one.goto(`${app}/notes/new`)
  await writeNote(one, 'Shared', 'First.')
  await heading(one, 'Shared')
  const other = await openTab(one.context(), `${one.url()}/edit`)
  await follow(one, 'Edit')
  await field(one, 'Text').fill('Mine.')

  await field(other, 'Text').fill('Theirs.')
  await press(other, 'Save')
  await heading(other, 'Shared')
  await press(one, 'Save')
  await heading(one, 'Somebody changed this in the meantime')
  const cells = await one.locator('.conflict td').allTextContents()
  await press(one, 'Keep mine')
  await one.locator('.prose').getByText('Mine.').waitFor()
  await follow(other, 'Edit')
  await field(other, 'Text').fill('Theirs again.')
  await follow(one, 'Edit')
  await field(one, 'Text').fill('Mine again.')
  await press(one, 'Save')
  await press(other, 'Save')
  await press(other, 'Take the other')

  assert.deepEqual(cells, ['Mine.', 'Theirs.'])
  assert.equal(await field(other, 'Text').inputValue(), 'Mine again.')
  assert.equal(await other.locator('.conflict').count(), 0)
  assert.deepEqual([...one.complaints, ...other.complaints], [])
})

test('A lost answer makes no second note and no conflict with oneself', async () => {
  const page = await openSpa(scene, 'ada')
  await page.goto(`${app}/notes/new`)
  await page.route(NOTES, (route) => route.continue())

  await loseEveryAnswerOnce(page, 'POST')
  await writeNote(page, 'Only once', '')
  await page.getByRole('alert').waitFor()
  assert.equal(await field(page, 'Title').inputValue(), 'Only once')
  await press(page, 'Save')
  await heading(page, 'Only once')
  await follow(page, 'Edit')
  await loseEveryAnswerOnce(page, 'PUT')
  await field(page, 'Text').fill('Changed.')
  await press(page, 'Save')
  await page.getByRole('alert').waitFor()
  await press(page, 'Save')
  await said(page, 'Your changes are saved.')
  await page.goto(`${app}/notes`)
  await heading(page, 'Notes')

  await page.locator('.list').waitFor()
  assert.equal(await page.getByText('Only once').count(), 1)
})

test('What was typed stays offline, over a reload, and goes with a sign-out', async () => {
  const page = await openSpa(scene, 'ada')
  await page.goto(`${app}/notes/new`)
  await field(page, 'Title').fill('In a tunnel')

  await page.context().setOffline(true)
  await page.getByText('You are offline. What you typed stays here.').waitFor()
  await press(page, 'Save')
  await page.getByRole('alert').waitFor()
  await page.context().setOffline(false)
  await said(page, 'You are back online.')
  await page.reload()
  await page.getByText('You typed this earlier, and did not save it.').waitFor()
  const restored = await field(page, 'Title').inputValue()
  await press(page, 'Sign out')
  await page.waitForURL(`${app}/goodbye`)
  const kept = await page.evaluate('Object.keys(sessionStorage).join()')

  assert.equal(restored, 'In a tunnel')
  assert.doesNotMatch(String(kept), /draft/)
})

test('Lists have pages and filters in the address, and the back button keeps them', async () => {
  const page = await openSpa(scene, 'grace')
  await page.goto(`${app}/houses`)

  await follow(page, 'Next page')
  await page.getByRole('link', { name: 'First page' }).waitFor()
  assert.equal(await page.evaluate('document.activeElement.tagName'), 'H1')
  await page.goBack()
  await page.getByRole('link', { name: 'Next page' }).waitFor()
  await page.getByRole('searchbox').fill('海景')
  await press(page, 'Search')
  await page.waitForURL(/\?q=/)
  await page.getByRole('checkbox', { name: 'Only mine' }).check()
  await page.waitForURL(/mine=yes/)
  await page.locator('.list li').nth(1).waitFor({ state: 'detached' })
  const mine = await page.locator('.list strong').allTextContents()
  await page.locator('.list a').click()
  await heading(page, '海景花园 Sea View Garden')
  await page.goBack()
  await page.waitForURL(/mine=yes/)
  assert.equal(await page.getByRole('searchbox').inputValue(), '海景')
  await page.getByRole('searchbox').fill('nothing of this name')
  await press(page, 'Search')
  await page.getByText('No house fits').waitFor()
  await follow(page, 'Clear filters')
  await page.locator('.list li').nth(9).waitFor()

  assert.deepEqual(mine, ['海景花园 Sea View Garden'])
  assert.deepEqual(page.complaints, [])
})

test('A house is shown to everybody, and changed by its owner', async () => {
  const page = await openSpa(scene, 'hedy')
  await page.goto(`${app}/houses`)
  await page.locator('.list a').first().click()
  await page.getByRole('heading', { name: 'Photos' }).waitFor()
  assert.equal(await page.getByRole('link', { name: 'Edit' }).count(), 0)
  assert.equal(await page.getByRole('button', { name: 'Add photos' }).count(), 0)

  await page.goto(`${app}/houses/new`)
  await field(page, 'Project number').fill('GD-2026-0001')
  await field(page, 'Name').fill('Windmill')
  await press(page, 'Save')
  await page.locator('[name=projectNo][aria-invalid=true], .form-error').waitFor()
  await field(page, 'Project number').fill('HE-1')
  await press(page, 'Save')
  await heading(page, 'Windmill')
  await follow(page, 'Edit')
  await field(page, 'Address').fill('Up the hill')
  await press(page, 'Save')
  await page.getByText('Up the hill').waitFor()
  await press(page, 'Delete')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await said(page, 'The house and its photos are deleted.')

  assert.deepEqual(page.complaints, [])
})

test('Photos arrive several at once, and each that fails says why', async () => {
  const page = await openSpa(scene, 'ada')
  await page.goto(`${app}/houses/new`)
  await field(page, 'Project number').fill('PH-1')
  await field(page, 'Name').fill('Studio')
  await press(page, 'Save')
  await page.getByText('There are no photos yet').waitFor()
  const image = {
    mimeType: 'image/jpeg',
    buffer: await aPicture('jpeg', { width: 600, height: 400 }),
  }

  await page.locator('input[type=file]').setInputFiles([
    { name: 'one.jpg', ...image },
    { name: 'two.jpg', ...image },
    { name: 'three.jpg', ...image },
    { name: 'text.png', mimeType: 'image/png', buffer: Buffer.from('no picture') },
    { name: 'large.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(6_000_000) },
  ])
  await said(page, '3 photos are added.')
  await page.locator('.gallery img').nth(2).waitFor()
  const left = await page.locator('.uploads li').allTextContents()
  await press(page, 'Cancel text.png')
  await press(page, 'Cancel large.jpg')
  await press(page, 'Show photo 1 in full')
  await page.getByRole('dialog').locator('img').waitFor()
  await page.keyboard.press('Escape')
  await press(page, 'Delete photo 3')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await page.locator('.gallery li').nth(2).waitFor({ state: 'detached' })

  assert.equal(left.length, 2, left.join())
  assert.match(left[0] ?? '', /text\.png.*not a JPEG, PNG or WebP image/)
  assert.match(left[1] ?? '', /large\.jpg.*larger than 5 MB/)
  assert.equal(await page.locator('.uploads').count(), 0)
  assert.deepEqual(page.complaints, [])
})

async function writeNote(page: SpaPage, title: string, text: string): Promise<void> {
  await field(page, 'Title').fill(title)
  await field(page, 'Text').fill(text)
  await press(page, 'Save')
}

async function loseEveryAnswerOnce(page: SpaPage, method: string): Promise<void> {
  await page.unrouteAll()
  await loseNextAnswer(page, method, NOTES)
}
