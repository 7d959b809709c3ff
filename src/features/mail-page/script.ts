/**
 * What the page does in a browser. It is a text, so that no compiler adds what a browser does not
 * have. The link's data is in the fragment, which browsers send to nobody; nothing happens before
 * the button is pressed, so a mail scanner that opens links uses none up.
 */
export const SCRIPT = `'use strict'

const link = new URLSearchParams(location.hash.slice(1))
const form = document.querySelector('form')
const button = form.querySelector('button')
const status = document.querySelector('[role=status]')
const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
  byte.toString(16).padStart(2, '0')).join('')

/** In the language of the page, by the purpose of the link: title, what it says, the button. */
const texts = JSON.parse(document.querySelector('main').dataset.texts)
const PURPOSES = ['verify_email', 'reset_password', 'accept_invite', 'undo_email']

function say(text, kind) {
  status.textContent = text
  status.className = kind
}

function show() {
  const purpose = link.get('purpose')
  if (!PURPOSES.includes(purpose) || !link.get('challenge') || !link.get('code')) {
    say(texts.incomplete, 'bad')
    return
  }
  const { title, text, action } = texts[purpose]
  const hasPassword = purpose !== 'verify_email'
  document.title = title
  document.querySelector('h1').textContent = title
  document.querySelector('#text').textContent = text
  button.textContent = action
  document.querySelector('fieldset').hidden = !hasPassword
  form.elements.newPassword.required = form.elements.newPasswordConfirm.required = hasPassword
  form.hidden = false
}

/** Shows an error beside its field, or above the form. */
function showProblem(problem) {
  let isShown = false
  for (const { pointer = '', detail } of problem.errors ?? []) {
    const field = form.elements[pointer.slice(1)]
    const place = field && document.getElementById(field.name + '-error')
    if (!place) continue
    place.textContent = detail
    field.setAttribute('aria-invalid', 'true')
    if (!isShown) field.focus()
    isShown = true
  }
  if (!isShown) say(problem.detail ?? texts.failed, 'bad')
  if (problem.code === 'challenge_over') form.hidden = true
}

function clearErrors() {
  say('', '')
  for (const field of form.elements) field.removeAttribute('aria-invalid')
  for (const place of form.querySelectorAll('.error')) place.textContent = ''
}

async function send() {
  const body = { challenge: link.get('challenge'), method: 'mail_code', code: link.get('code') }
  const { newPassword, newPasswordConfirm } = form.elements
  if (newPassword.required) {
    body.newPassword = newPassword.value
    body.newPasswordConfirm = newPasswordConfirm.value
  }
  const response = await fetch(form.action, {
    method: 'POST',
    credentials: 'omit',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) return showProblem(answer)
  form.hidden = true
  document.querySelector('#text').hidden = true
  // A used link is of no more use in the history.
  history.replaceState(null, '', location.pathname)
  say(answer.message, 'good')
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  clearErrors()
  button.disabled = true
  try {
    await send()
  } catch {
    say(texts.offline, 'bad')
  }
  button.disabled = false
})

// The same tab, with the link of another mail.
addEventListener('hashchange', () => location.reload())
show()
`
