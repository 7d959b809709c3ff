import { $, all, report } from './dom.ts'
import { forms, showProblem } from './forms.ts'
import { send } from './session.ts'
import type { Challenge, Opened, Problem } from './types.ts'

const dialog = $<HTMLDialogElement>('#proof')
const form = $<HTMLFormElement>('#proof form')
let challenge: Challenge
let method: string
let proving: Promise<Opened | undefined> | undefined
let settle: (opened?: Opened) => void

/**
 * Asks for one of the proofs, once for all requests that wait for it. @returns undefined when the
 * challenge cannot be answered any more @throws Problem when somebody closes the dialog
 */
export function prove(asked: Challenge): Promise<Opened | undefined> {
  proving ??= new Promise<Opened | undefined>((resolve, reject) => {
    challenge = asked
    settle = resolve
    dialog.onclose = () => reject({ detail: '' })
    dialog.showModal()
    choose(asked.methods[0] as string)
  }).finally(() => {
    proving = undefined
  })
  return proving
}

export function choose(chosen: string): void {
  method = chosen
  form.reset()
  for (const part of all<HTMLFieldSetElement>('fieldset', form))
    part.hidden = part.disabled = part.name !== method
  for (const other of all<HTMLButtonElement>('[name=use]', form))
    other.hidden = other.value === method || !challenge.methods.includes(other.value)
  showProblem(form)
  $('#proof input:enabled')?.focus()
  if (method === 'passkey') form.requestSubmit()
}

forms.proof = async (values) => {
  const { token, passkey } = challenge
  const proof = method === 'passkey' ? await credentialFor(passkey as never) : values
  try {
    settle(await send<Opened>('POST challenges/answer', { challenge: token, method, ...proof }))
  } catch (problem) {
    if ((problem as Problem).status !== 410) throw problem
    report(problem as Problem)
    settle()
  }
}

async function credentialFor(options: PublicKeyCredentialRequestOptionsJSON): Promise<object> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential
  return { credential: credential.toJSON() }
}
