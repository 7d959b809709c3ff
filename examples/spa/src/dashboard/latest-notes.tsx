import { ButtonLink, Empty, Loaded, useFormat, useLoad } from '../auth/index.ts'
import { listNotes } from '../notes/notes.ts'
import { dashboardTexts } from '../texts/dashboard.ts'
import '../resources/resources.css'

const SHOWN = '4'

/** The newest notes, and the way to all. */
export function LatestNotes() {
  const texts = dashboardTexts.use()
  const { ago } = useFormat()
  const load = useLoad(() => listNotes('', SHOWN), [])
  return (
    <section class="stack dashboard-notes" aria-labelledby="latest">
      <div class="row row-between">
        <h2 id="latest">{texts.latest}</h2>
        <a href="/notes">{texts.allNotes}</a>
      </div>
      <Loaded load={load}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="paper" title={texts.noNotes}>
              <ButtonLink href="/notes/new">{texts.writeOne}</ButtonLink>
            </Empty>
          ) : (
            <ul class="list">
              {items.map(({ id, title, updatedAt }) => (
                <li key={id}>
                  <a class="list-link" href={`/notes/${id}`} translate={false}>
                    <strong>{title}</strong>
                  </a>
                  <time class="small" dateTime={updatedAt}>
                    {ago(updatedAt)}
                  </time>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  )
}
