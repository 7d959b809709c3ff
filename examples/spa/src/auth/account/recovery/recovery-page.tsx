import { useEffect, useState } from 'preact/hooks'
import { useAuth } from '../../context.tsx'
import { PATHS } from '../../paths.ts'
import {
  Button,
  ButtonLink,
  Dialog,
  Empty,
  Form,
  Loaded,
  useForm,
  useLoad,
  useStore,
} from '../../ui/index.ts'
import { AccountPage, Part } from '../account-page.tsx'
import { accountTexts } from '../texts/index.ts'
import { CodesLeft } from './codes-left.tsx'
import { CodesSheet } from './codes-sheet.tsx'
import { newCodes } from './new-codes.ts'

/** How many codes are left; or new ones, once. */
export function RecoveryPage() {
  const { pages, recovery } = accountTexts.use()
  const codes = useStore(newCodes)
  // Nobody finds them here after the page was left.
  useEffect(() => () => newCodes.set(undefined), [])
  return (
    <AccountPage title={pages.recovery.title} lead={recovery.lead}>
      {codes ? (
        <CodesSheet codes={codes} onKept={() => newCodes.set(undefined)} />
      ) : (
        <PresentCodes />
      )}
    </AccountPage>
  )
}

function PresentCodes() {
  const { latchkey } = useAuth()
  const { pages, recovery } = accountTexts.use()
  const load = useLoad(() => latchkey.factors.list(), [latchkey])
  return (
    <Loaded load={load}>
      {({ items, recoveryCodesLeft }) =>
        items.length === 0 ? (
          <Empty icon="shield" title={recovery.needsFactor}>
            <ButtonLink href={PATHS.methods}>{pages.methods.title}</ButtonLink>
          </Empty>
        ) : (
          <Part title={pages.recovery.title}>
            <CodesLeft left={recoveryCodesLeft} />
            <MakeCodes />
          </Part>
        )
      }
    </Loaded>
  )
}

function MakeCodes() {
  const texts = accountTexts.use().recovery
  const [isAsking, ask] = useState(false)
  return (
    <div class="row">
      <Button onClick={() => ask(true)}>{texts.make}</Button>
      {isAsking && <MakeDialog close={() => ask(false)} />}
    </div>
  )
}

function MakeDialog({ close }: { close: () => void }) {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().recovery
  // A form, since it names its request: where the answer was lost, the next one has the same codes.
  const form = useForm({
    initial: {},
    async submit(_, { key }) {
      const path = 'POST /factors/recovery-codes'
      const { recoveryCodes } = await latchkey.call<{ recoveryCodes: string[] }>(path, { key })
      newCodes.set(recoveryCodes)
    },
  })
  return (
    <Dialog title={texts.makeTitle} onClose={close}>
      <Form form={form} submit={texts.make}>
        <p>{texts.makeLead}</p>
      </Form>
    </Dialog>
  )
}
