import type { components } from '@latchkey/client'
import { useAuth } from '../../context.tsx'
import {
  Button,
  Empty,
  type Load,
  Loaded,
  serverText,
  useAction,
  useFormat,
  useLanguage,
  useLoad,
} from '../../ui/index.ts'
import { AccountPage } from '../account-page.tsx'
import { accountTexts } from '../texts/index.ts'
import { deviceName } from './device.ts'

type Events = components['schemas']['ActivityList']
type Event = components['schemas']['ActivityEvent']

/** What happened to the account, newest first. */
export function ActivityPage() {
  const { pages, activity } = accountTexts.use()
  return (
    <AccountPage title={pages.activity.title} lead={activity.lead}>
      <Activity />
    </AccountPage>
  )
}

const SIZE = 20

function Activity() {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().activity
  const language = useLanguage()
  // The server writes the messages, so another language is another list.
  const load = useLoad(
    () => latchkey.call<Events>(`GET /me/activity?size=${SIZE}`),
    [latchkey, language],
  )
  return (
    <Loaded load={load}>
      {(events) =>
        events.items.length === 0 ? (
          <Empty icon="clock" title={texts.none} />
        ) : (
          <>
            <ol class="list">
              {events.items.map((event) => (
                <EventRow key={event.id} event={event} />
              ))}
            </ol>
            {events.nextCursor ? (
              <More {...{ load, events, cursor: events.nextCursor }} />
            ) : (
              <p class="small">{texts.end}</p>
            )}
          </>
        )
      }
    </Loaded>
  )
}

function EventRow({ event }: { event: Event }) {
  const texts = accountTexts.use()
  const format = useFormat()
  const { at, message, ip, userAgent, current } = event
  return (
    <li>
      <div>
        <p class="row-name">
          {serverText(message)}
          {current && <span class="badge">{texts.activity.current}</span>}
        </p>
        <p class="row-facts">
          <time dateTime={at}>{format.dateTime(at)}</time>
          {userAgent && (
            <span translate={false} title={userAgent}>
              {deviceName(userAgent)}
            </span>
          )}
          {ip && <span>{texts.sessions.network(ip)}</span>}
        </p>
      </div>
    </li>
  )
}

function More({ load, events, cursor }: { load: Load<Events>; events: Events; cursor: string }) {
  const { latchkey } = useAuth()
  const texts = accountTexts.use().activity
  const { run, isBusy } = useAction(async () => {
    const query = new URLSearchParams({ size: String(SIZE), cursor })
    const { items, nextCursor } = await latchkey.call<Events>(`GET /me/activity?${query}`)
    load.set({ items: [...events.items, ...items], nextCursor })
  })
  return (
    <div class="row">
      <Button isBusy={isBusy} onClick={run}>
        {texts.more}
      </Button>
    </div>
  )
}
