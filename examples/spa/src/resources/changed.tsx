import { useFormat } from '../auth/index.ts'
import { resourceTexts } from '../texts/resources.ts'

/** When it was made, and changed. */
export function Changed({ resource }: { resource: { createdAt: string; updatedAt: string } }) {
  const texts = resourceTexts.use()
  const { ago, dateTime } = useFormat()
  const { createdAt, updatedAt } = resource
  return (
    <p class="small">
      <time dateTime={createdAt} title={dateTime(createdAt)}>
        {texts.created(ago(createdAt))}
      </time>
      {updatedAt !== createdAt && (
        <>
          {' · '}
          <time dateTime={updatedAt} title={dateTime(updatedAt)}>
            {texts.changed(ago(updatedAt))}
          </time>
        </>
      )}
    </p>
  )
}
