import { all, messageOf, say } from './dom.ts'
import type { Problem } from './types.ts'

type Values = Record<string, string>
type Wrong = { pointer?: string; detail?: string }

/** What each form does, by its name. */
export const forms: Record<string, (values: Values) => unknown> = {}

addEventListener('submit', async (event) => {
  event.preventDefault()
  const form = event.target as HTMLFormElement
  const run = forms[form.name]
  if (!run || form.ariaBusy) return
  form.ariaBusy = 'true'
  showProblem(form)
  try {
    await run(Object.fromEntries(new FormData(form)) as Values)
    form.reset()
    form.closest('dialog')?.close()
    if (form.dataset.said) say(form.dataset.said)
  } catch (problem) {
    showProblem(form, problem as Problem)
  }
  form.ariaBusy = null
})

/** Shows what is wrong beside each field, and at the end what belongs to none of them. */
export function showProblem(form: HTMLFormElement, problem: Problem = { detail: '' }): void {
  let rest: Wrong[] = problem.errors ?? [problem]
  for (const place of all('.error', form)) {
    const name = place.id.split('-')[1] as string
    const isOwn = ({ pointer }: Wrong) => !name || pointer === `/${name}`
    const wrong = rest.find(isOwn)
    rest = rest.filter((other) => !isOwn(other))
    const field = form.elements.namedItem(name) as HTMLInputElement | null
    field?.setAttribute('aria-invalid', !!wrong as never)
    place.textContent = wrong ? messageOf(wrong) : ''
  }
  all('[aria-invalid=true]', form)[0]?.focus()
}
