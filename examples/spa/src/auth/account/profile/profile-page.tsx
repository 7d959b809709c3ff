import type { User } from '@latchkey/client'
import { useAuth, useUser } from '../../context.tsx'
import { authTexts } from '../../texts/index.ts'
import {
  chooseLanguage,
  Form,
  flash,
  LANGUAGES,
  type Language,
  SelectField,
  TextField,
  useForm,
  useFormat,
} from '../../ui/index.ts'
import { AccountPage, Part } from '../account-page.tsx'
import { CurrentPasswordField, confirmedBy, useMayLackPassword } from '../current-password.tsx'
import { accountTexts } from '../texts/index.ts'

/** Name, language and username. */
export function ProfilePage() {
  const { pages, profile } = accountTexts.use()
  const user = useUser()
  const format = useFormat()
  return (
    <AccountPage title={pages.profile.title}>
      {user && (
        <>
          <NameForm user={user} />
          <UsernameForm user={user} />
          <p class="small">
            {profile.since} <time dateTime={user.createdAt}>{format.date(user.createdAt)}</time>
          </p>
        </>
      )}
    </AccountPage>
  )
}

/** The language of mails; without one, that of the request that caused the mail. */
type WithLocale = User & { locale?: string | null }

const BY_OWN_NAME = Object.fromEntries(
  Object.entries(LANGUAGES).map(([lang, name]) => [lang, { lang, name }]),
)

function NameForm({ user }: { user: WithLocale }) {
  const { latchkey } = useAuth()
  const { save, profile } = accountTexts.use()
  const form = useForm({
    initial: { name: user.name ?? '', locale: user.locale ?? '' },
    async submit({ name, locale }) {
      const changed = locale === (user.locale ?? '') ? {} : { locale: locale || null }
      await latchkey.call('PATCH /me', { body: { name: name.trim() || null, ...changed } })
      if (locale in LANGUAGES) chooseLanguage(locale as Language)
      flash(accountTexts.now().saved)
    },
  })
  return (
    <Part title={profile.nameTitle}>
      <Form form={form} submit={save}>
        <TextField
          {...{ form, name: 'name', label: profile.name, hint: profile.nameHint }}
          autocomplete="name"
          maxLength={100}
        />
        <SelectField
          {...{ form, name: 'locale', label: profile.language, hint: profile.languageHint }}
          options={{ '': profile.asBrowser, ...BY_OWN_NAME }}
        />
      </Form>
    </Part>
  )
}

function UsernameForm({ user }: { user: User }) {
  const { latchkey } = useAuth()
  const { profile } = accountTexts.use()
  const { username, usernameHint } = authTexts.use()
  const mayLack = useMayLackPassword()
  const form = useForm({
    initial: { username: user.username, currentPassword: '' },
    required: mayLack ? ['username'] : ['username', 'currentPassword'],
    async submit(values) {
      const body = { username: values.username.trim(), ...confirmedBy(values) }
      const { username } = await latchkey.call<User>('PATCH /me', { body })
      form.reset({ username, currentPassword: '' })
      flash(accountTexts.now().profile.usernameChanged(username))
    },
  })
  return (
    <Part title={profile.usernameTitle}>
      <Form form={form} submit={profile.changeUsername}>
        <TextField
          {...{ form, name: 'username', label: username, hint: usernameHint }}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
        />
        <CurrentPasswordField {...{ form, mayLack }} />
      </Form>
    </Part>
  )
}
