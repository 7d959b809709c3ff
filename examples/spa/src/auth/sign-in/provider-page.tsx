import { LatchkeyError } from '@latchkey/client'
import { ProviderError } from '@latchkey/client/providers'
import { useEffect, useState } from 'preact/hooks'
import { useAuth } from '../context.tsx'
import { PATHS } from '../paths.ts'
import { QuestionHost } from '../step-up/question-host.tsx'
import { authTexts } from '../texts/index.ts'
import {
  ButtonLink,
  Failed,
  Form,
  flash,
  isDeclined,
  Loading,
  messageOf,
  Page,
  TextField,
  useForm,
} from '../ui/index.ts'
import { kept } from './kept.ts'
import { finish } from './provider-return.ts'

/** Where the browser comes back to from a provider: ends the sign-in, or says why it cannot. */
export function ProviderPage() {
  const { latchkey, go } = useAuth()
  const texts = authTexts.use()
  const [failure, setFailure] = useState<unknown>()

  async function end(username = kept().username): Promise<void> {
    setFailure(undefined)
    try {
      const finished = await finish(latchkey, username)
      // Somebody opened this page by hand, or has added a provider to the account.
      if (finished?.identity) flash(authTexts.now().identityAdded)
      go(finished?.identity ? PATHS.methods : (kept().next ?? PATHS.home), true)
    } catch (error) {
      setFailure(error)
    }
  }
  useEffect(() => void end(), [])

  return (
    <QuestionHost>
      <Page title={texts.signIn} width="narrow">
        {failure === undefined ? <Loading /> : <Ended {...{ failure, end }} />}
      </Page>
    </QuestionHost>
  )
}

type Props = { failure: unknown; end: (username?: string) => Promise<void> }

function Ended({ failure, end }: Props) {
  const texts = authTexts.use()
  if (needsName(failure)) return <UsernameForm {...{ failure, end }} />
  if (failure instanceof ProviderError) return <Begin text={texts.provider[failure.code]} />
  if (isDeclined(failure)) return <Begin text={texts.notFinished} />
  if (failure instanceof LatchkeyError && failure.problem.action !== 'retry')
    return <Begin text={messageOf(failure)} />
  return <Failed error={failure} onRetry={() => end()} />
}

/** Says why, and leads to the other ways. */
function Begin({ text }: { text: string }) {
  const texts = authTexts.use()
  return (
    <>
      <p>{text}</p>
      <ButtonLink look="main" href={PATHS.signIn}>
        {texts.signIn}
      </ButtonLink>
    </>
  )
}

function needsName(failure: unknown): failure is LatchkeyError {
  if (!(failure instanceof LatchkeyError)) return false
  return ['username_taken', 'validation_failed'].includes(failure.code)
}

/** The username that was asked for is taken, or not fit. */
function UsernameForm({ failure, end }: Props) {
  const texts = authTexts.use()
  const form = useForm({
    initial: { username: kept().username ?? '' },
    required: ['username'],
    submit: ({ username }) => end(username),
  })
  const error = form.error ?? messageOf(failure)
  return (
    <Form form={{ ...form, error }} submit={texts.goOn}>
      <TextField
        {...{ form, name: 'username', label: texts.username, hint: texts.usernameHint }}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
      />
    </Form>
  )
}
