import { LatchkeyError, type User } from '@latchkey/client'
import { useAuth, useUser } from '../../context.tsx'
import { PATHS } from '../../paths.ts'
import { type Attempt, ButtonLink, Form, TextField, useForm } from '../../ui/index.ts'
import { AccountPage, Part } from '../account-page.tsx'
import { CurrentPasswordField, confirmedBy, useMayLackPassword } from '../current-password.tsx'
import { accountTexts } from '../texts/index.ts'

/** Delete the account: what goes, and the last question. */
export function RemovePage() {
  const { pages, removal } = accountTexts.use()
  const user = useUser()
  return (
    <AccountPage
      title={removal.title}
      lead={removal.lead}
      up={{ path: PATHS.data, title: pages.data.title }}
    >
      <Part title={removal.what}>
        <ul class="stack stack-tight">
          {removal.points.map((point) => (
            <li key={point}>{point}</li>
          ))}
        </ul>
        <p>
          <a href={PATHS.data}>{removal.exportFirst}</a>
        </p>
      </Part>
      {user && <RemoveForm user={user} />}
    </AccountPage>
  )
}

const EMPTY = { currentPassword: '', username: '' }
type Values = typeof EMPTY

function RemoveForm({ user: { username } }: { user: User }) {
  const { latchkey, go } = useAuth()
  const texts = accountTexts.use().removal
  const mayLack = useMayLackPassword()
  const form = useForm<Values>({
    initial: EMPTY,
    required: mayLack ? ['username'] : ['username', 'currentPassword'],
    check: (values) =>
      isSame(values.username, username) ? {} : { username: accountTexts.now().removal.notTheName },
    async submit(values, attempt) {
      await latchkey.deleteAccount(confirmedBy(values)).catch(unlessDone(attempt))
      go(PATHS.removed, true)
    },
  })
  return (
    <Part title={texts.title}>
      <Form
        form={form}
        submit={texts.submit}
        look="danger"
        actions={<ButtonLink href={PATHS.data}>{texts.keep}</ButtonLink>}
      >
        <CurrentPasswordField {...{ form, mayLack }} />
        <TextField
          {...{ form, name: 'username', label: texts.typeName(username) }}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
      </Form>
    </Part>
  )
}

function isSame(typed: string, username: string): boolean {
  return typed.trim().toLowerCase() === username.toLowerCase()
}

/** Where the answer before was lost, the account may be gone, and its tokens with it. */
function unlessDone({ isRepeated }: Attempt): (error: unknown) => void {
  return (error) => {
    const isGone = error instanceof LatchkeyError && error.problem.action === 'login'
    if (!isRepeated || !isGone) throw error
  }
}
