import { useEffect } from 'preact/hooks'
import { authTexts } from '../texts/index.ts'
import { Dialog, useStore } from '../ui/index.ts'
import { ProofForm } from './proof-form.tsx'
import { question } from './question.ts'

/** Asks for a proof above any page; what the page wanted is done afterwards, as if never asked. */
export function StepUpDialog() {
  const texts = authTexts.use().proof
  const asked = useStore(question)
  // The page that asked is left by the back button.
  useEffect(() => {
    const giveUp = () => void question.get()?.answer()
    addEventListener('popstate', giveUp)
    return () => removeEventListener('popstate', giveUp)
  }, [])
  if (!asked || asked.challenge.purpose === 'sign_in') return null
  const title = asked.challenge.methods.includes('mail_code') ? texts.verifyTitle : texts.againTitle
  return (
    <Dialog key={asked.challenge.token} title={title} onClose={() => asked.answer()}>
      <ProofForm asked={asked} />
    </Dialog>
  )
}
