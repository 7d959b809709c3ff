import { useLocation } from 'preact-iso'
import {
  ButtonLink,
  Empty,
  Loaded,
  Page,
  SignedIn,
  Skeleton,
  useFormat,
  useLoad,
} from '../auth/index.ts'
import { Pager } from '../resources/pager.tsx'
import { noteTexts } from '../texts/notes.ts'
import { listNotes, type Note, type NotePage } from './notes.ts'
import { Tags } from './tags.tsx'
import '../resources/resources.css'

/** The notes of the user, a page at a time. */
export function NoteListPage() {
  return (
    <SignedIn>
      <NoteList />
    </SignedIn>
  )
}

function NoteList() {
  const texts = noteTexts.use()
  const { cursor = '' } = useLocation().query
  const load = useLoad(() => listNotes(cursor), [cursor])
  return (
    // Another part of the list is another page: its title gets the focus.
    <Page
      key={cursor}
      title={texts.title}
      lead={texts.lead}
      actions={
        <ButtonLink href="/notes/new" look="main" icon="plus">
          {texts.add}
        </ButtonLink>
      }
    >
      <Loaded load={load} skeleton={<Skeleton lines={9} />}>
        {(page) => <Rows page={page} cursor={cursor} />}
      </Loaded>
    </Page>
  )
}

function Rows({ page, cursor }: { page: NotePage; cursor: string }) {
  const texts = noteTexts.use()
  if (page.items.length === 0 && !cursor)
    return (
      <Empty icon="paper" title={texts.empty}>
        <p>{texts.emptyLead}</p>
      </Empty>
    )
  return (
    <>
      <ul class="list">
        {page.items.map((note) => (
          <Row key={note.id} note={note} />
        ))}
      </ul>
      <Pager path="/notes" query={{ cursor }} nextCursor={page.nextCursor} />
    </>
  )
}

function Row({ note }: { note: Note }) {
  const { ago } = useFormat()
  const { id, title, body, tags, updatedAt } = note
  return (
    <li>
      <a class="list-link" href={`/notes/${id}`} translate={false}>
        <strong>{title}</strong>
        <p class="excerpt">{body}</p>
      </a>
      <div class="row">
        <Tags tags={tags} />
        <time class="small" dateTime={updatedAt}>
          {ago(updatedAt)}
        </time>
      </div>
    </li>
  )
}
