import type { Challenge, Proof } from '@latchkey/client'
import { useState } from 'preact/hooks'
import { useUser } from '../context.tsx'
import { ProviderButtons } from '../sign-in/provider-buttons.tsx'
import { authTexts } from '../texts/index.ts'
import {
  Button,
  CheckField,
  CodeField,
  Form,
  FormError,
  type IconName,
  PasswordField,
  serverText,
  TextField,
  useAction,
  useForm,
} from '../ui/index.ts'
import type { Question } from './question.ts'
import { ResendButton } from './resend-button.tsx'

/** What this page can answer with, the most convenient first. */
const METHODS = ['passkey', 'totp', 'mail_code', 'password', 'recovery_code'] as const
type Method = (typeof METHODS)[number]

const ICONS: Record<Method, IconName> = {
  passkey: 'passkey',
  totp: 'phone',
  mail_code: 'mail',
  password: 'key',
  recovery_code: 'key',
}

/** Asks for one of the proofs that the server takes, and offers the others. */
export function ProofForm({ asked }: { asked: Question }) {
  const texts = authTexts.use().proof
  const offered = METHODS.filter((method) => asked.challenge.methods.includes(method))
  const [chosen, choose] = useState(offered[0])
  const others = offered.filter((method) => method !== chosen)
  if (!chosen) return <ProviderAgain />
  return (
    <div class="stack">
      <OneProof key={chosen} method={chosen} asked={asked} />
      {others.length > 0 && (
        <div class="stack stack-tight">
          <p class="divider">{texts.otherWays}</p>
          {others.map((method) => (
            <Button key={method} icon={ICONS[method]} onClick={() => choose(method)}>
              {texts.use[method]}
            </Button>
          ))}
        </div>
      )}
    </div>
  )
}

/** An account without a password and without a factor: its provider has to be asked again. */
function ProviderAgain() {
  const texts = authTexts.use().proof
  return (
    <div class="stack">
      <p>{texts.providerAgain}</p>
      <ProviderButtons />
    </div>
  )
}

type OneProps = { method: Method; asked: Question }

function OneProof({ method, asked }: OneProps) {
  return method === 'passkey' ? (
    <PasskeyProof asked={asked} />
  ) : (
    <TypedProof {...{ method, asked }} />
  )
}

/** What went wrong with the answer before; the first question is in the words of this page. */
function errorOf(
  { problem }: Question,
  texts: ReturnType<typeof authTexts.use>,
): string | undefined {
  const { attemptsLeft, code, detail } = problem
  if (attemptsLeft !== undefined) return texts.proof.wrong(attemptsLeft)
  if (['second_factor_required', 'step_up_required', 'verification_required'].includes(code))
    return undefined
  return serverText(detail)
}

function PasskeyProof({ asked }: { asked: Question }) {
  const texts = authTexts.use()
  const [isTrusted, trust] = useState(false)
  const { run, isBusy } = useAction(async () => {
    const { answerWithPasskey } = await import('@latchkey/client/passkeys')
    const proof = await answerWithPasskey(asked.challenge)
    if (proof) await asked.answer({ ...proof, ...trusting(asked.challenge, isTrusted) } as Proof)
  })
  return (
    <div class="form">
      <FormError text={errorOf(asked, texts)} />
      <p>{texts.proof.ask.passkey}</p>
      <TrustField {...{ asked, isTrusted, trust }} />
      <Button look="main" icon="passkey" isBusy={isBusy} onClick={run}>
        {texts.proof.use.passkey}
      </Button>
    </div>
  )
}

type Typed = Exclude<Method, 'passkey'>

function TypedProof({ method, asked }: { method: Typed; asked: Question }) {
  const texts = authTexts.use()
  const user = useUser()
  const [isTrusted, trust] = useState(false)
  const form = useForm({
    initial: { code: '' },
    required: ['code'],
    submit: ({ code }) => asked.answer(proofOf(method, code, trusting(asked.challenge, isTrusted))),
  })
  const field = { form, name: 'code', label: texts.proof.label[method] } as const
  const shown = { ...form, error: form.error ?? errorOf(asked, texts) }
  return (
    <Form
      form={shown}
      submit={texts.proof.submit}
      actions={method === 'mail_code' && <ResendButton challenge={asked.challenge.token} />}
    >
      <p>{texts.proof.ask[method]}</p>
      {/* Tells password managers whose password it is. */}
      {method === 'password' && (
        <input type="hidden" name="username" autocomplete="username" value={user?.username ?? ''} />
      )}
      <ProofField method={method} field={field} />
      {(method === 'totp' || method === 'recovery_code') && (
        <TrustField {...{ asked, isTrusted, trust }} />
      )}
    </Form>
  )
}

function ProofField({
  method,
  field,
}: {
  method: Typed
  field: Parameters<typeof TextField<{ code: string }>>[0]
}) {
  if (method === 'password') return <PasswordField {...field} autocomplete="current-password" />
  if (method === 'recovery_code')
    return <TextField {...field} autocomplete="off" autocapitalize="none" spellcheck={false} />
  return <CodeField {...field} />
}

function proofOf(method: Typed, code: string, trust: { trustDevice?: boolean }): Proof {
  if (method === 'password') return { method, password: code }
  return method === 'mail_code' ? { method, code } : { method, code, ...trust }
}

function trusting({ purpose }: Challenge, isTrusted: boolean): { trustDevice?: boolean } {
  return purpose === 'sign_in' && isTrusted ? { trustDevice: true } : {}
}

function TrustField({
  asked,
  isTrusted,
  trust,
}: {
  asked: Question
  isTrusted: boolean
  trust: (isTrusted: boolean) => void
}) {
  const texts = authTexts.use().proof
  if (asked.challenge.purpose !== 'sign_in') return null
  return (
    <CheckField label={texts.trust} hint={texts.trustHint} checked={isTrusted} onChange={trust} />
  )
}
