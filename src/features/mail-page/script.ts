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

/** Purpose of the link: title, what the page says, the button, and whether it sets a password. */
const PURPOSES = {
  verify_email: ['Confirm your e-mail address', 'Press the button to confirm that this address is yours.', 'Confirm address'],
  reset_password: ['Choose a new password', 'You will be signed out everywhere else.', 'Set new password', true],
  accept_invite: ['Choose a password', 'Somebody has made an account for your address. It is yours with a password of your own.', 'Set password', true],
  undo_email: ['Keep your old e-mail address', 'Your account gets its old address back. Choose a new password: the person who changed the address may know the present one. Everybody else is signed out.', 'Take my address back', true],
}

function say(text, kind) {
  status.textContent = text
  status.className = kind
}

function show() {
  const purpose = PURPOSES[link.get('purpose')]
  if (!purpose || !link.get('challenge') || !link.get('code')) {
    say('This link is incomplete. Copy the whole link from the mail into the address bar.', 'bad')
    return
  }
  const [title, text, action, hasPassword] = purpose
  document.title = title
  document.querySelector('h1').textContent = title
  document.querySelector('#text').textContent = text
  button.textContent = action
  document.querySelector('fieldset').hidden = !hasPassword
  form.elements.newPassword.required = form.elements.newPasswordConfirm.required = Boolean(hasPassword)
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
  if (!isShown) say(problem.detail ?? 'Something went wrong. Please try again.', 'bad')
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
    say('There is no connection to the server. Please try again.', 'bad')
  }
  button.disabled = false
})

// The same tab, with the link of another mail.
addEventListener('hashchange', () => location.reload())
show()
`
