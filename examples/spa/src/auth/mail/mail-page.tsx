import type { LatchkeyError } from '@latchkey/client'
import { useEffect, useState } from 'preact/hooks'
import { isOver } from '../code-errors.ts'
import { useAuth } from '../context.tsx'
import {
  checkRepeated,
  type NewPassword,
  NewPasswordFields,
  PASSWORD_POINTERS,
} from '../new-password.tsx'
import { PATHS } from '../paths.ts'
import { authTexts } from '../texts/index.ts'
import { ButtonLink, Form, flash, Page, useForm } from '../ui/index.ts'
import { type Link, linkIn } from './link.ts'

/**
 * Where the links of mails lead: the server's setting `MAIL_LINKS` names this page. Nothing happens
 * before a button is pressed, since programs that check mails open links, too.
 */
export function MailPage() {
  const [link, setLink] = useState(() => linkIn(location.hash))
  useEffect(() => {
    // The same tab, with the link of another mail.
    const changed = () => setLink(linkIn(location.hash))
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  if (!link) return <BrokenLink />
  return link.purpose === 'verify_email' ? (
    <VerifyByLink key={link.challenge} link={link} />
  ) : (
    <PasswordByLink key={link.challenge} link={link} />
  )
}

function BrokenLink() {
  const texts = authTexts.use()
  return (
    <Page title={texts.brokenLink} lead={texts.brokenLinkLead} width="narrow">
      <ButtonLink href="/">{texts.toStart}</ButtonLink>
    </Page>
  )
}

function VerifyByLink({ link: { challenge, code } }: { link: Link }) {
  const { latchkey } = useAuth()
  const leave = useLeave()
  const texts = authTexts.use().links.verify_email
  const form = useForm({
    initial: {},
    explain: explainLink,
    async submit(_, { key }) {
      const email = await latchkey.verifyEmail({ challenge, code }, key)
      flash(authTexts.now().verified(email))
      leave()
    },
  })
  return (
    <Page title={texts.title} lead={texts.lead} width="narrow">
      <Form form={form} submit={texts.submit}>
        {null}
      </Form>
    </Page>
  )
}

/** Links that set a new password: of a reset, an invitation, or a change that is undone. */
function PasswordByLink({ link: { purpose, challenge, code } }: { link: Link }) {
  const { latchkey } = useAuth()
  const leave = useLeave()
  const texts = authTexts.use().links[purpose]
  const form = useForm<NewPassword>({
    initial: { password: '', repeated: '' },
    required: ['password', 'repeated'],
    check: checkRepeated,
    explain: explainLink,
    pointers: PASSWORD_POINTERS,
    async submit({ password }, { key }) {
      await latchkey.resetPassword({ challenge, code, newPassword: password }, key)
      // Where it was the account that is signed in here, its session has ended.
      if (latchkey.user) await latchkey.call('GET /me').catch(() => undefined)
      flash(authTexts.now().links[purpose].done)
      leave()
    },
  })
  return (
    <Page title={texts.title} lead={texts.lead} width="narrow">
      <Form form={form} submit={texts.submit}>
        <NewPasswordFields form={form} />
      </Form>
    </Page>
  )
}

function explainLink(error: LatchkeyError): string | undefined {
  return isOver(error) ? authTexts.now().linkOver : undefined
}

/** Goes on, without the used link in the history. */
function useLeave(): () => void {
  const { latchkey, go } = useAuth()
  return () => go(latchkey.user ? PATHS.home : PATHS.signIn, true)
}
