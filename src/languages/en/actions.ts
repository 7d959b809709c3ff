/** By `action`: what a client can do about an error. */
export const actions = {
  fix_request: 'Correct the request. The same request fails again.',
  login: 'The session has ended: sign in again.',
  refresh: 'Refresh the access token, then retry the request.',
  step_up: 'Sign in again to confirm who you are. The session continues.',
  retry: 'Wait, then retry the request. The session continues.',
  none: 'Nothing: a retry gets the same answer. The session continues.',
}
