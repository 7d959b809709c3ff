import { useEffect } from 'preact/hooks'
import {
  authTexts,
  ButtonLink,
  Icon,
  type IconName,
  PATHS,
  Page,
  useAuth,
  useUser,
} from '../auth/index.ts'
import { texts } from '../texts/index.ts'
import { WelcomePicture } from './welcome-picture.tsx'

/** Beside what the points say. */
const ICONS: readonly IconName[] = ['passkey', 'laptop', 'shield']

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
        <WelcomePicture />
        <ul class="columns welcome-points">
          {welcome.points.map(([title, text], index) => (
            <li class="card" key={title}>
              <Icon name={ICONS[index] ?? 'check'} />
              <h2>{title}</h2>
              <p>{text}</p>
            </li>
          ))}
        </ul>
      </Page>
    </div>
  )
}
