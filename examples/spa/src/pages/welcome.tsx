import { useEffect } from 'preact/hooks'
import { authTexts, ButtonLink, PATHS, Page, useAuth, useUser } from '../auth/index.ts'
import { texts } from '../texts/index.ts'

/** The start page; people who are signed in go on to their own. */
export function WelcomePage() {
  const { welcome } = texts.use()
  const auth = authTexts.use()
  const { go } = useAuth()
  const user = useUser()
  useEffect(() => {
    if (user) go(PATHS.home, true)
  }, [user])
  return (
    <div class="welcome">
      <Page title={welcome.title} lead={welcome.lead}>
        <div class="row">
          <ButtonLink href={PATHS.register} look="main">
            {auth.register}
          </ButtonLink>
          <ButtonLink href={PATHS.signIn}>{auth.signIn}</ButtonLink>
        </div>
        <ul class="columns welcome-points">
          {welcome.points.map(([title, text]) => (
            <li class="card" key={title}>
              <h2>{title}</h2>
              <p>{text}</p>
            </li>
          ))}
        </ul>
      </Page>
    </div>
  )
}
