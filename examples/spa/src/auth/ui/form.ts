import { LatchkeyError } from '@latchkey/client'
import { useRef, useState } from 'preact/hooks'
import { serverText } from './language.ts'
import { settled } from './settled.ts'
import { isDeclined, messageOf } from './states.tsx'
import { uiTexts } from './texts.ts'

export type Errors<Values> = Partial<Record<keyof Values & string, string>>

/** What names a request: the same for a repetition of one whose answer was lost. */
export type Attempt = { key: string; isRepeated: boolean }

export type FormOptions<Values> = {
  initial: Values
  /** Sends it. What it throws is shown: at the fields that the problem points at, or above. */
  submit: (values: Values, attempt: Attempt) => unknown
  /** Fields that must not be empty. */
  required?: (keyof Values & string)[]
  /** What can be said without the server. */
  check?: (values: Values) => Errors<Values>
  /** What to say of an error in the place of the server's own words. */
  explain?: (error: LatchkeyError) => string | undefined
  /** Where a field has another name in the body: `{ '/newPassword': 'password' }`. */
  pointers?: Record<string, keyof Values & string>
}

export type FormState<Values> = {
  values: Values
  errors: Errors<Values>
  /** What belongs to no field. */
  error: string | undefined
  isBusy: boolean
  isRequired(name: keyof Values & string): boolean
  set(name: keyof Values & string, value: Values[keyof Values & string]): void
  reset(values?: Values): void
  onSubmit(event: Event): void
}

type Shown<Values> = { errors: Errors<Values>; error?: string | undefined }

/** The state of one form: what was typed, what is wrong with it, and whether it is being sent. */
export function useForm<Values extends object>(options: FormOptions<Values>): FormState<Values> {
  const [values, setValues] = useState(options.initial)
  const [shown, setShown] = useState<Shown<Values>>({ errors: {} })
  const [isBusy, setIsBusy] = useState(false)
  const attempt = useRef<Attempt | undefined>(undefined)

  function set(name: keyof Values & string, value: Values[keyof Values & string]): void {
    setValues((before) => ({ ...before, [name]: value }))
    setShown(({ errors: { [name]: _, ...errors }, error }) => ({
      errors: errors as Errors<Values>,
      error,
    }))
    // Other content is another request.
    attempt.current = undefined
  }

  async function send(form: HTMLFormElement): Promise<void> {
    const wrong = faultsOf(values, options)
    if (Object.keys(wrong).length > 0) return show({ errors: wrong }, form)
    const mine = attempt.current ?? { key: crypto.randomUUID(), isRepeated: false }
    setIsBusy(true)
    try {
      await options.submit(values, mine)
      attempt.current = undefined
      setShown({ errors: {} })
    } catch (error) {
      const isAnswered = error instanceof LatchkeyError
      attempt.current = isAnswered ? undefined : { ...mine, isRepeated: true }
      show(shownOf(error, values, options), form)
    } finally {
      setIsBusy(false)
      settled()
    }
  }

  function show(next: Shown<Values>, form: HTMLFormElement): void {
    setShown(next)
    requestAnimationFrame(() => focusFirstFault(form))
  }

  return {
    values,
    ...{ errors: shown.errors, error: shown.error, isBusy, set },
    isRequired: (name) => options.required?.includes(name) ?? false,
    reset(to = options.initial) {
      setValues(to)
      setShown({ errors: {} })
    },
    onSubmit(event) {
      event.preventDefault()
      if (!isBusy) void send(event.currentTarget as HTMLFormElement)
    },
  }
}

function faultsOf<Values extends object>(
  values: Values,
  { required = [], check }: FormOptions<Values>,
): Errors<Values> {
  const empty = required.filter((name) => !String(values[name]).trim())
  const text = uiTexts.now().required
  const missing = Object.fromEntries(empty.map((name) => [name, text])) as Errors<Values>
  return { ...check?.(values), ...missing }
}

function shownOf<Values extends object>(
  error: unknown,
  values: Values,
  { pointers = {}, explain }: FormOptions<Values>,
): Shown<Values> {
  if (isDeclined(error)) return { errors: {} }
  if (!(error instanceof LatchkeyError)) return { errors: {}, error: uiTexts.now().noAnswerSent }
  const { errors, others } = placed(error, values, pointers)
  if (others.length > 0) return { errors, error: others.join(' ') }
  if (Object.keys(errors).length > 0) return { errors }
  return { errors, error: explain?.(error) ?? messageOf(error) }
}

/** The errors of fields, and what belongs to no field of the form. */
function placed<Values extends object>(
  { problem }: LatchkeyError,
  values: Values,
  pointers: NonNullable<FormOptions<Values>['pointers']>,
): { errors: Errors<Values>; others: string[] } {
  const errors: Record<string, string> = {}
  const others: string[] = []
  for (const { pointer, detail } of problem.errors ?? []) {
    const name = pointers[pointer] ?? pointer.slice(1)
    if (name in values) errors[name] ??= serverText(detail)
    else others.push(serverText(detail))
  }
  return { errors: errors as Errors<Values>, others }
}

function focusFirstFault(form: HTMLFormElement): void {
  form.querySelector<HTMLElement>('[aria-invalid="true"], .form-error')?.focus()
}
