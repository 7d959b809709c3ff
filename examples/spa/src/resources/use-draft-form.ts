import { useEffect, useState } from 'preact/hooks'
import { type Attempt, type FormOptions, type FormState, useForm } from '../auth/index.ts'
import { type Draft, forgetDraft, keepDraft, readDraft } from './drafts.ts'

type Options<Values> = Omit<FormOptions<Values>, 'initial' | 'submit'> & {
  /** Names the form among those of the application, such as `note` and an id. */
  name: string
  /** What the form holds while nothing is typed: a function, since a newer version changes it. */
  clean: () => Draft<Values>
  /** Sends it. @returns false where what was typed is still wanted */
  submit: (values: Values, attempt: Attempt) => Promise<boolean>
}

export type DraftForm<Values> = {
  form: FormState<Values>
  /** Whether it began with what was typed earlier. */
  isRestored: boolean
  /** Drops what was typed. */
  discard: () => void
}

/** A form that keeps what is typed until it is sent. */
export function useDraftForm<Values extends object>({
  name,
  clean,
  submit,
  ...options
}: Options<Values>): DraftForm<Values> {
  const [draft, setDraft] = useState(() => readDraft<Values>(name))
  const form = useForm<Values>({
    ...options,
    initial: draft?.values ?? clean().values,
    async submit(values, attempt) {
      if (await submit(values, attempt)) forgetDraft(name)
    },
  })
  useEffect(() => {
    const { version, values } = clean()
    const isClean = JSON.stringify(values) === JSON.stringify(form.values)
    if (isClean) forgetDraft(name)
    else keepDraft(name, { version, values: form.values })
  }, [form.values])

  return {
    form,
    isRestored: draft !== undefined,
    discard() {
      form.reset(clean().values)
      setDraft(undefined)
    },
  }
}
