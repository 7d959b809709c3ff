import { $, all, fill, messageOf, reload, report, say } from './dom.ts'
import { forms } from './forms.ts'
import { loadList } from './lists.ts'
import { choose, prove } from './proof.ts'
import { keep, me, renew, send, signOut, tell } from './session.ts'
import { loadSummary } from './summary.ts'
import type { Challenge, Opened, Problem } from './types.ts'
import { act, change, copy, loadUser } from './user.ts'

const ADDRESS = /^#\/(users|events)\/?([^?]*)\??(.*)/
const transport = 'cookie'
let stop: AbortController | undefined
let shown = ''
let timer = 0

/** Shows what the address asks for; a later address stops the requests of an earlier one. */
async function route(): Promise<void> {
  const [, name = 'summary', id, query] = ADDRESS.exec(location.hash) ?? []
  const page = pageFor(name, id)
  const params = new URLSearchParams(query)
  stop?.abort()
  stop = new AbortController()
  const { signal } = stop
  setFilters(page, params)
  $('main').ariaBusy = 'true'
  try {
    if (page === 'user') await loadUser(signal, id as string)
    if (page === 'summary') await loadSummary(signal)
    if ($(`#${page} .list`)) await loadList(signal, page, params)
  } catch (problem) {
    if (signal.aborted) return
    say(messageOf(problem as Problem), reload, 'Try again')
  }
  present(page)
}

function setFilters(page: string, params: URLSearchParams): void {
  for (const field of all<HTMLInputElement>(`#${page} .filters [name]`))
    if (field !== document.activeElement) field.value = params.get(field.name) ?? ''
}

function pageFor(name: string, id?: string): string {
  if (!me) return 'sign-in'
  if (me.role !== 'admin') return 'stranger'
  return id ? 'user' : name
}

function present(page: string): void {
  for (const section of all('section')) section.hidden = section.id !== page
  for (const link of all<HTMLAnchorElement>('nav a'))
    link.ariaCurrent = (link.hash === `#/${page}`) as never
  const title = $(`#${page} h1`)
  document.title = `${title.textContent} · Latchkey`
  $('main').ariaBusy = null
  $('header').hidden = !me
  if (me) fill(me, $('header'))
  if (shown !== page || document.activeElement === document.body) title.focus()
  shown = page
}

async function begin(opened?: Opened): Promise<void> {
  if (!opened) return
  keep(opened)
  tell()
  await route()
}

forms.login = async (values) =>
  begin(
    await send<Opened>('POST login', { ...values, transport }).catch((problem: Problem) => {
      if (problem.challenge) return prove(problem.challenge)
      throw problem
    }),
  )

const actions: Record<string, () => Promise<unknown>> = {
  signOut,
  copy,
  skip: async () => $('main').focus(),
  passkey: async () =>
    begin(await prove(await send<Challenge>('POST challenges', { purpose: 'sign_in', transport }))),
}

addEventListener('click', ({ target }) => {
  const button = (target as Element).closest('button')
  if (!button) return
  const { opens, call, patch, undo, said } = button.dataset
  if (button.name) return choose(button.value)
  if (button.type === 'button') button.closest('dialog')?.close()
  if (opens) $<HTMLDialogElement>(opens).showModal()
  if (call) void act(call, said, button.closest('tr') ?? {})
  if (patch && undo) void change(JSON.parse(patch), said, JSON.parse(undo))
  actions[button.value]?.().catch(report)
})

/** Filters stand in the address, so that going back works; a letter is no step of its own. */
addEventListener('input', ({ target }) => {
  const { type, form } = target as HTMLInputElement
  if (form?.name !== 'filters' || !form.checkValidity()) return
  clearTimeout(timer)
  timer = setTimeout(() => {
    const filled = [...new FormData(form)].filter(([, value]) => value) as string[][]
    location[type === 'search' ? 'replace' : 'assign'](`#/${shown}?${new URLSearchParams(filled)}`)
  }, 200)
})

addEventListener('hashchange', route)

setInterval(() => {
  if (shown === 'summary') loadSummary(stop?.signal).catch(() => {})
}, 30e3)

function start(): void {
  renew().then(route, (problem: Problem) =>
    problem.status === 401 ? route() : say(messageOf(problem), start, 'Try again'),
  )
}

start()
