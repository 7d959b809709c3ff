import type { ComponentType } from 'preact'
import { PATHS } from './context.tsx'
import { SignInPage } from './sign-in/sign-in-page.tsx'

/** Every page of this part, by its path: for the router of the application. */
export const authPages: Record<string, ComponentType> = {
  [PATHS.signIn]: SignInPage,
}
