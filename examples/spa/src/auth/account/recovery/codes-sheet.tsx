import { useUser } from '../../context.tsx'
import { Button, useFormat } from '../../ui/index.ts'
import { CopyButton } from '../copy-button.tsx'
import { saveFile } from '../save-file.ts'
import { accountTexts } from '../texts/index.ts'
import './codes.css'

/** New recovery codes, to be kept: as a file, on paper, or copied. */
export function CodesSheet({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const texts = accountTexts.use()
  const { recovery } = texts
  const user = useUser()
  const format = useFormat()
  const heading = recovery.heading(location.host, user?.username ?? '')
  const made = recovery.made(format.dateTime(new Date().toISOString()))
  const text = [heading, made, recovery.each, '', ...codes, ''].join('\n')
  return (
    <section class="card codes-sheet">
      <h2 class="no-print">{recovery.newTitle}</h2>
      <div class="notice notice-warn no-print">
        <p>{recovery.once}</p>
      </div>
      <div class="only-print">
        <h2>{heading}</h2>
        <p>{made}</p>
        <p>{recovery.each}</p>
      </div>
      <ol class="codes" translate={false}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div class="row no-print">
        <Button icon="download" onClick={() => saveFile('recovery-codes.txt', new Blob([text]))}>
          {recovery.download}
        </Button>
        <Button icon="paper" onClick={() => print()}>
          {recovery.print}
        </Button>
        <CopyButton text={text} />
      </div>
      <div class="row no-print">
        <Button look="main" icon="check" onClick={onKept}>
          {recovery.done}
        </Button>
      </div>
    </section>
  )
}
