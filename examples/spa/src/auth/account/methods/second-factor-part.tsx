import { useState } from 'preact/hooks'
import { useAuth, useUser } from '../../context.tsx'
import { Button, ConfirmDialog, flash, useAction } from '../../ui/index.ts'
import { Part } from '../account-page.tsx'
import { accountTexts } from '../texts/index.ts'

/** Whether a password alone is enough. */
export function SecondFactorPart({ hasFactor }: { hasFactor: boolean }) {
  const texts = accountTexts.use().methods
  const isOn = useUser()?.secondFactor ?? false
  const badge = (
    <span class={isOn ? 'badge' : 'badge badge-soft'}>{isOn ? texts.isOn : texts.isOff}</span>
  )
  return (
    <Part title={texts.secondFactor} badge={badge}>
      <p>{isOn ? texts.onLead : texts.offLead}</p>
      {!isOn && !hasFactor && <p class="small">{texts.needsFactor}</p>}
      {(isOn || hasFactor) && <div class="row">{isOn ? <SwitchOff /> : <SwitchOn />}</div>}
    </Part>
  )
}

function SwitchOn() {
  const texts = accountTexts.use().methods
  const { run, isBusy } = useSwitch(true)
  return (
    <Button look="main" isBusy={isBusy} onClick={run}>
      {texts.switchOn}
    </Button>
  )
}

function SwitchOff() {
  const texts = accountTexts.use().methods
  const [isAsking, ask] = useState(false)
  const { run, isBusy } = useSwitch(false, () => ask(false))
  return (
    <>
      <Button onClick={() => ask(true)}>{texts.switchOff}</Button>
      {isAsking && (
        <ConfirmDialog
          title={texts.switchOffTitle}
          confirm={texts.switchOff}
          isBusy={isBusy}
          onConfirm={run}
          onClose={() => ask(false)}
        >
          <p>{texts.switchOffLead}</p>
        </ConfirmDialog>
      )}
    </>
  )
}

function useSwitch(secondFactor: boolean, done: () => void = () => undefined) {
  const { latchkey } = useAuth()
  return useAction(async () => {
    await latchkey.call('PATCH /me', { body: { secondFactor } })
    const { switchedOn, switchedOff } = accountTexts.now().methods
    flash(secondFactor ? switchedOn : switchedOff)
    done()
  })
}
