import type { FactorList } from '@latchkey/client'
import { useAuth, useUser } from '../../context.tsx'
import { PATHS } from '../../paths.ts'
import { ButtonLink, type Load, Loaded, useLoad } from '../../ui/index.ts'
import { AccountPage, Part } from '../account-page.tsx'
import { CodesLeft } from '../recovery/codes-left.tsx'
import { useFresh } from '../sessions/use-fresh.ts'
import { accountTexts } from '../texts/index.ts'
import { FactorRow } from './factor-row.tsx'
import { IdentitiesPart } from './identities-part.tsx'
import { LastCredentialDialog } from './last-credential.tsx'
import { PasskeysPart } from './passkeys-part.tsx'
import { SecondFactorPart } from './second-factor-part.tsx'

/** Everything that signs in beside the password. */
export function MethodsPage() {
  const { pages } = accountTexts.use()
  return (
    <AccountPage title={pages.methods.title}>
      <Factors />
      <IdentitiesPart />
      <LastCredentialDialog />
    </AccountPage>
  )
}

function Factors() {
  const { latchkey } = useAuth()
  const user = useUser()
  // The switch, and the codes, depend on each other.
  const load = useLoad(() => latchkey.factors.list(), [latchkey, user?.secondFactor])
  useFresh(load.reload)
  return (
    <Loaded load={load}>
      {(factors) => (
        <>
          <SecondFactorPart hasFactor={factors.items.length > 0} />
          <PasskeysPart {...{ load, factors }} />
          <AppPart {...{ load, factors }} />
          {factors.items.length > 0 && <RecoveryPart left={factors.recoveryCodesLeft} />}
        </>
      )}
    </Loaded>
  )
}

function AppPart({ load, factors }: { load: Load<FactorList>; factors: FactorList }) {
  const texts = accountTexts.use().methods
  const app = factors.items.find(({ kind }) => kind === 'totp')
  return (
    <Part title={texts.app}>
      <p>{texts.appLead}</p>
      {app ? (
        <ul class="list">
          <FactorRow {...{ factor: app, load, isLast: factors.items.length === 1 }} />
        </ul>
      ) : (
        <div class="row">
          <ButtonLink href={PATHS.addApp} icon="phone">
            {texts.addApp}
          </ButtonLink>
        </div>
      )}
    </Part>
  )
}

function RecoveryPart({ left }: { left: number }) {
  const { pages } = accountTexts.use()
  return (
    <Part title={pages.recovery.title}>
      <CodesLeft left={left} />
      <div class="row">
        <ButtonLink href={PATHS.recovery} icon="paper">
          {pages.recovery.title}
        </ButtonLink>
      </div>
    </Part>
  )
}
