import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../auth/index.ts'
import { resourceTexts } from '../texts/resources.ts'
import './resources.css'

/** A field in both versions, as people read it. */
export type Difference = { label: string; mine: string; theirs: string }

type Props = {
  fields: readonly Difference[]
  /** Whether the form is being sent. */
  isBusy: boolean
  onKeepMine: () => void
  onTakeTheirs: () => void
}

/** Both versions side by side, inside the form: keeping one's own sends it again. */
export function ConflictNotice({ fields, isBusy, onKeepMine, onTakeTheirs }: Props) {
  const { conflict } = resourceTexts.use()
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => box.current?.focus(), [])
  return (
    <div class="notice notice-warn conflict" role="alert" tabIndex={-1} ref={box}>
      <h2>{conflict.title}</h2>
      <p>{conflict.lead}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">{conflict.field}</th>
            <th scope="col">{conflict.mine}</th>
            <th scope="col">{conflict.theirs}</th>
          </tr>
        </thead>
        <tbody>
          {fields
            .filter(({ mine, theirs }) => mine !== theirs)
            .map(({ label, mine, theirs }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                <Version heading={conflict.mine} text={mine} />
                <Version heading={conflict.theirs} text={theirs} />
              </tr>
            ))}
        </tbody>
      </table>
      <div class="row">
        <Button type="submit" isBusy={isBusy} onClick={onKeepMine}>
          {conflict.keepMine}
        </Button>
        <Button onClick={onTakeTheirs}>{conflict.takeTheirs}</Button>
      </div>
    </div>
  )
}

/** @param heading is shown in the cell where there is no room for columns */
function Version({ heading, text }: { heading: string; text: string }) {
  const { conflict } = resourceTexts.use()
  return (
    <td data-heading={heading}>
      {text === '' ? conflict.nothing : <span translate={false}>{text}</span>}
    </td>
  )
}
