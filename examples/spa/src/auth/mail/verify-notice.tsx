import { useUser } from '../context.tsx'
import { PATHS } from '../paths.ts'
import { authTexts } from '../texts/index.ts'
import { ButtonLink } from '../ui/index.ts'

/** For the first page: says that the address waits to be verified, and how. */
export function VerifyNotice() {
  const texts = authTexts.use()
  const user = useUser()
  const waiting = user?.pendingEmail ?? (user?.emailVerified === false ? user.email : undefined)
  if (waiting === undefined) return null
  return (
    <div class="notice notice-warn notice-row">
      <p>{texts.verifyNotice(waiting)}</p>
      <ButtonLink href={PATHS.verifyEmail} icon="mail">
        {texts.verify}
      </ButtonLink>
    </div>
  )
}
