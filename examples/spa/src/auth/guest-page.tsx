import type { ComponentChildren } from 'preact'
import { SignedOut } from './guards.tsx'
import { QuestionHost } from './step-up/question-host.tsx'
import { Page } from './ui/index.ts'

type Props = { title: string; lead?: ComponentChildren; children: ComponentChildren }

/** A card for people who are not signed in. */
export function GuestPage({ title, lead, children }: Props) {
  return (
    <SignedOut>
      <QuestionHost>
        <Page title={title} lead={lead} width="narrow">
          {children}
        </Page>
      </QuestionHost>
    </SignedOut>
  )
}
