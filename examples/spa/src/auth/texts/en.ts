export const en = {
  noServerTitle: 'The server cannot be reached',
  signIn: 'Sign in',
  signOut: 'Sign out',
  register: 'Create an account',
  username: 'Username',
  usernameOrEmail: 'Username or e-mail address',
  password: 'Password',
}
