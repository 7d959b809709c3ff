import type { ComponentChildren } from 'preact'
import { Button, type Look } from './button.tsx'
import type { FormState } from './form.ts'
import { Icon, type IconName } from './icons.tsx'

type FormProps<Values> = {
  form: FormState<Values>
  /** The word on its button. */
  submit: string
  icon?: IconName
  look?: Look
  children: ComponentChildren
  /** Beside the button. */
  actions?: ComponentChildren
}

/** A form: its error above, its fields, its button. Its fields are checked by `useForm`. */
export function Form<Values>({
  form,
  submit,
  icon,
  look = 'main',
  children,
  actions,
}: FormProps<Values>) {
  return (
    <form class="form" noValidate onSubmit={form.onSubmit}>
      <FormError text={form.error} />
      {children}
      <div class="form-actions">
        <Button type="submit" look={look} isBusy={form.isBusy} {...(icon ? { icon } : {})}>
          {submit}
        </Button>
        {actions}
      </div>
    </form>
  )
}

/** What belongs to no field. It can have the focus, so that screen readers begin here. */
export function FormError({ text }: { text: string | undefined }) {
  if (!text) return null
  return (
    <div class="form-error" role="alert" tabIndex={-1}>
      <Icon name="alert" />
      <p>{text}</p>
    </div>
  )
}
