import type { AllHTMLAttributes, ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import type { FormState } from './form.ts'
import { Icon } from './icons.tsx'
import { uiTexts } from './texts.ts'

type TextValues<Values> = {
  [Name in keyof Values & string]: Values[Name] extends string ? Name : never
}[keyof Values & string]

export type FieldProps<Values> = {
  form: FormState<Values>
  name: TextValues<Values>
  label: string
  hint?: ComponentChildren
}

/** The label above a control, the hint and the error below it, and the ids that join them. */
function useField<Values>({ form, name, hint }: Omit<FieldProps<Values>, 'label'>) {
  const id = useId()
  const error = form.errors[name]
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return {
    id,
    error,
    control: {
      ...{ id, name, value: form.values[name] as string },
      required: form.isRequired(name),
      'aria-invalid': error ? true : undefined,
      'aria-describedby': described || undefined,
      onInput: (event: { currentTarget: { value: string } }) =>
        form.set(name, event.currentTarget.value as Values[typeof name]),
    } as const,
  }
}

type FrameProps = {
  id: string
  label: string
  isOptional: boolean
  /** Beside the label. */
  side?: ComponentChildren
  hint?: ComponentChildren
  error: string | undefined
  children: ComponentChildren
}

function Frame({ id, label, isOptional, side, hint, error, children }: FrameProps) {
  const texts = uiTexts.use()
  return (
    <div class="field">
      <div class="field-head">
        <label for={id}>
          {label} {isOptional && <small>{texts.optional}</small>}
        </label>
        {side}
      </div>
      {children}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  )
}

type InputProps = {
  type?: 'text' | 'email' | 'number' | 'search' | 'tel' | 'url' | 'date'
} & Pick<
  AllHTMLAttributes<HTMLInputElement>,
  | 'autocapitalize'
  | 'autocomplete'
  | 'class'
  | 'inputMode'
  | 'max'
  | 'maxLength'
  | 'min'
  | 'placeholder'
  | 'spellcheck'
  | 'step'
>

/** A line of text. */
export function TextField<Values>({
  form,
  name,
  label,
  hint,
  type = 'text',
  ...input
}: FieldProps<Values> & InputProps) {
  const { id, error, control } = useField({ form, name, hint })
  return (
    <Frame {...{ id, label, hint, error }} isOptional={!control.required}>
      {/* Preact has a type for each kind, and none for "one of these". */}
      <input type={type as 'text'} {...input} {...control} />
    </Frame>
  )
}

/** A code of digits, from a mail or an app, typed or pasted with or without spaces. */
export function CodeField<Values>(props: FieldProps<Values> & InputProps) {
  return (
    <TextField
      inputMode="numeric"
      autocomplete="one-time-code"
      class="code-input"
      spellcheck={false}
      {...props}
    />
  )
}

/** Several lines of text. */
export function TextAreaField<Values>({
  form,
  name,
  label,
  hint,
  rows = 6,
}: FieldProps<Values> & { rows?: number }) {
  const { id, error, control } = useField({ form, name, hint })
  return (
    <Frame {...{ id, label, hint, error }} isOptional={!control.required}>
      <textarea rows={rows} {...control} />
    </Frame>
  )
}

/** The word of a value; that of a language is in the language itself. */
type Option = string | { lang: string; name: string }

/** One of several values. */
export function SelectField<Values>({
  form,
  name,
  label,
  hint,
  options,
}: FieldProps<Values> & { options: Record<string, Option> }) {
  const { id, error, control } = useField({ form, name, hint })
  return (
    <Frame {...{ id, label, hint, error }} isOptional={false}>
      <select {...control}>
        {Object.entries(options).map(([value, option]) =>
          typeof option === 'string' ? (
            <option key={value} value={value}>
              {option}
            </option>
          ) : (
            <option key={value} value={value} lang={option.lang} translate={false}>
              {option.name}
            </option>
          ),
        )}
      </select>
    </Frame>
  )
}

type PasswordProps<Values> = FieldProps<Values> & {
  /** Tells password managers which one to fill in, or to offer a new one. */
  autocomplete: 'current-password' | 'new-password'
  side?: ComponentChildren
}

/** A password, which a button shows. */
export function PasswordField<Values>({
  form,
  name,
  label,
  hint,
  autocomplete,
  side,
}: PasswordProps<Values>) {
  const { id, error, control } = useField({ form, name, hint })
  const texts = uiTexts.use()
  const [isShown, setIsShown] = useState(false)
  const input = { autocomplete, autocapitalize: 'none', spellcheck: false, ...control } as const
  const toggle = isShown ? texts.hidePassword : texts.showPassword
  return (
    <Frame {...{ id, label, side, hint, error }} isOptional={!control.required}>
      <div class="password">
        {isShown ? <input type="text" {...input} /> : <input type="password" {...input} />}
        <button
          type="button"
          class="icon-button"
          aria-label={toggle}
          title={toggle}
          aria-controls={id}
          onClick={() => setIsShown(!isShown)}
        >
          <Icon name={isShown ? 'eyeOff' : 'eye'} />
        </button>
      </div>
    </Frame>
  )
}

/** A box to tick. */
export function CheckField({
  label,
  hint,
  checked,
  onChange,
}: {
  label: string
  hint?: string
  checked: boolean
  onChange: (checked: boolean) => void
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {label}
        {hint && <small>{hint}</small>}
      </span>
    </label>
  )
}
