import { $, all, fill, messageOf, put, reload, report, say } from './dom.ts'
import { forms } from './forms.ts'
import { loadList } from './lists.ts'
import { choose, prove } from './proof.ts'
import { keep, me, renew, send, signOut, tell } from './session.ts'
import { loadSummary } from './summary.ts'
import { texts } from './texts.ts'
import type { Challenge, Opened, Problem } from './types.ts'
import { act, change, copy, forget, isShown, loadUser } from './user.ts'

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
  if (!isShown(id)) {
    forget()
    if (page === 'user') present('loading')
  }
  $('main').ariaBusy = 'true'
  try {
    await loads[page]?.(signal, id as string, page, params)
    present(page)
  } catch (problem) {
    if (!signal.aborted) fail(page, problem as Problem)
  }
}

type Load = (signal: AbortSignal, id: string, page: string, params: URLSearchParams) => unknown
const loads: Record<string, Load> = {
  user: loadUser,
  summary: loadSummary,
  users: loadList,
  events: loadList,
}

/** Filters stay, to be changed. Of an account nothing stays that somebody could take for another. */
function fail(page: string, problem: Problem): void {
  const text = messageOf(problem)
  if (loads[page] === loadList) {
    present(page)
    say(text, reload, texts.again)
    return
  }
  forget()
  put(text, $('#why'))
  present(problem.status === 404 ? 'gone' : 'failed')
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
  $('header').hidden = me?.role !== 'admin'
  if (me) for (const part of all('header,#stranger')) fill(me, part)
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
  again: async () => start(),
  skip: async () => $('main').focus(),
  passkey: async () =>
    begin(await prove(await send<Challenge>('POST challenges', { purpose: 'sign_in', transport }))),
}

addEventListener('click', ({ target }) => {
  const button = (target as Element).closest('button')
  if (!button) return
  const { opens, then, call, patch, undo, said } = button.dataset
  if (button.name) return choose(button.value)
  if (button.type === 'button') button.closest('dialog')?.close()
  if (opens) $<HTMLDialogElement>(opens).showModal()
  if (then) $(`${opens} .danger`).dataset.call = then
  if (call) void act(call, said, button.closest('tr') ?? {})
  if (patch) void change(patch, said, undo)
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
    problem.status === 401 ? route() : fail('failed', problem),
  )
}

start()
