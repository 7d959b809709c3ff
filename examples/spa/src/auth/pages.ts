import type { ComponentType } from 'preact'
import { GoodbyePage } from './goodbye-page.tsx'
import { laterPages } from './later.tsx'
import { MailPage } from './mail/mail-page.tsx'
import { VerifyEmailPage } from './mail/verify-email-page.tsx'
import { PATHS } from './paths.ts'
import { ForgotPasswordPage } from './recovery/forgot-password-page.tsx'
import { RegisterPage } from './register/register-page.tsx'
import { SignInByMailPage } from './sign-in/code-page.tsx'
import { ProviderPage } from './sign-in/provider-page.tsx'
import { SignInPage } from './sign-in/sign-in-page.tsx'

const accountPaths = Object.values(PATHS).filter((path) => path.startsWith(PATHS.account))

/** Every page of this part, by its path: for the router of the application. */
export const authPages: Record<string, ComponentType> = {
  [PATHS.signIn]: SignInPage,
  [PATHS.signInByMail]: SignInByMailPage,
  [PATHS.provider]: ProviderPage,
  [PATHS.register]: RegisterPage,
  [PATHS.verifyEmail]: VerifyEmailPage,
  [PATHS.forgotPassword]: ForgotPasswordPage,
  [PATHS.mail]: MailPage,
  [PATHS.goodbye]: GoodbyePage,
  ...laterPages(accountPaths, async () => (await import('./account/pages.ts')).accountPages),
}
