import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { authTexts } from '../texts/index.ts'
import { Button, Page, useStore } from '../ui/index.ts'
import { ProofForm } from './proof-form.tsx'
import { question } from './question.ts'

/**
 * Where the server asks for a second factor at a sign-in, or for the code of a mail, the question
 * takes the place of the page, which waits with what was typed.
 */
export function QuestionHost({ children }: { children: ComponentChildren }) {
  const texts = authTexts.use()
  const asked = useStore(question)
  const isAsked = asked?.challenge.purpose === 'sign_in'
  useFocusOfReturn(isAsked)
  // Somebody who leaves for another page has given up, too.
  useEffect(() => giveUp, [])
  const isMailed = asked?.challenge.methods.includes('mail_code')
  return (
    <>
      {isAsked && (
        <Page
          key={asked.challenge.token}
          title={isMailed ? texts.proof.mailTitle : texts.proof.factorTitle}
          width="narrow"
        >
          <ProofForm asked={asked} />
          <Button look="quiet" onClick={() => void asked.answer()}>
            {texts.back}
          </Button>
        </Page>
      )}
      <div class="contents" hidden={isAsked}>
        {children}
      </div>
    </>
  )
}

function giveUp(): void {
  const asked = question.get()
  if (asked?.challenge.purpose === 'sign_in') void asked.answer()
}

/** Somebody who gives up is back at the title of the page. */
function useFocusOfReturn(isAsked: boolean): void {
  const wasAsked = useRef(false)
  useEffect(() => {
    if (wasAsked.current && !isAsked) document.querySelector<HTMLElement>('main h1')?.focus()
    wasAsked.current = isAsked
  }, [isAsked])
}
