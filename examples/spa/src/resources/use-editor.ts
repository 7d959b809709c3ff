import { useRef, useState } from 'preact/hooks'
import type { FormOptions } from '../auth/index.ts'
import { readDraft } from './drafts.ts'
import { type DraftForm, useDraftForm } from './use-draft-form.ts'
import { Conflict, saveOver, type Versioned } from './versions.ts'

type Options<Values, Body, Resource> = Pick<FormOptions<Values>, 'required' | 'pointers'> & {
  /** As it was read. */
  resource: Resource
  /** What the form shows of it. */
  valuesOf: (resource: Resource) => Values
  /** What the API gets of the form. */
  bodyOf: (values: Values) => Body
  send: (body: Body, ifMatch: string) => Promise<Resource>
  read: () => Promise<Resource>
  saved: (resource: Resource) => void
}

export type Editor<Values, Resource> = DraftForm<Values> & {
  /** As somebody else has changed it in the meantime, until it is decided which one stays. */
  theirs: Resource | undefined
  /** To be called before the form is sent again, which then goes over theirs. */
  keepMine: () => void
  takeTheirs: () => void
}

/** A form over one version of a resource: it overwrites nobody's change unseen. */
export function useEditor<
  Values extends object,
  Body extends object,
  Resource extends Versioned & Body,
>(options: Options<Values, Body, Resource>): Editor<Values, Resource> {
  const { resource, valuesOf, bodyOf, send, read, saved, ...checks } = options
  // What was typed earlier began with the version of then.
  const [version] = useState(() => readDraft(resource.id)?.version ?? resource.version)
  const base = useRef<Resource>({ ...resource, version })
  const [theirs, setTheirs] = useState<Resource>()
  const draft = useDraftForm<Values>({
    ...checks,
    name: resource.id,
    clean: () => ({ version: base.current.version, values: valuesOf(base.current) }),
    async submit(values) {
      try {
        saved(await saveOver({ base: base.current, body: bodyOf(values), send, read }))
        return true
      } catch (error) {
        if (!(error instanceof Conflict)) throw error
        setTheirs(error.theirs as Resource)
        return false
      }
    },
  })

  function startFromTheirs(): void {
    if (theirs) base.current = theirs
  }

  return {
    ...draft,
    theirs,
    // The notice stays until the form is sent: without its button nothing would send it.
    keepMine: startFromTheirs,
    takeTheirs() {
      startFromTheirs()
      setTheirs(undefined)
      draft.discard()
    },
  }
}
