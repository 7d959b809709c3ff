import { useState } from 'preact/hooks'
import { explainGuess, orBeginAgain } from '../code-errors.ts'
import { useAuth } from '../context.tsx'
import { ResendButton } from '../step-up/resend-button.tsx'
import { authTexts } from '../texts/index.ts'
import { Button, CodeField, Form, useAction, useForm } from '../ui/index.ts'

type Props = {
  /** The address is verified, and the user is up to date. */
  onVerified: (email: string) => void
}

/** Has a code mailed to the address of the account, or to the new one, and takes it. */
export function VerifyForm({ onVerified }: Props) {
  const { latchkey } = useAuth()
  const texts = authTexts.use()
  const [challenge, setChallenge] = useState('')
  const { run, isBusy } = useAction(async () => {
    setChallenge((await latchkey.requestVerification()).token)
  })
  if (challenge) return <CodeForm {...{ challenge, onVerified }} onOver={() => setChallenge('')} />
  return (
    <Button look="main" icon="mail" isBusy={isBusy} onClick={run}>
      {texts.sendCode}
    </Button>
  )
}

type CodeProps = Props & { challenge: string; onOver: () => void }

function CodeForm({ challenge, onVerified, onOver }: CodeProps) {
  const { latchkey } = useAuth()
  const texts = authTexts.use()
  const form = useForm({
    initial: { code: '' },
    required: ['code'],
    explain: explainGuess,
    async submit({ code }, { key }) {
      // With the access token: it shows that the one who is signed in reads the mail.
      const body = { challenge, method: 'mail_code', code }
      const answer = latchkey.call<{ email: string }>('POST /challenges/answer', { body, key })
      const { email } = await orBeginAgain(answer, onOver)
      await latchkey.call('GET /me')
      onVerified(email)
    },
  })
  return (
    <Form form={form} submit={texts.verify} actions={<ResendButton challenge={challenge} />}>
      <CodeField {...{ form, name: 'code', label: texts.code, hint: texts.codeHint }} />
    </Form>
  )
}
