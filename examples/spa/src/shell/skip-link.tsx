import { uiTexts } from '../auth/index.ts'

/** For the keyboard: past the navigation, to the page itself. */
export function SkipLink() {
  const texts = uiTexts.use()
  return (
    <a class="skip-link" href="#main">
      {texts.skipToContent}
    </a>
  )
}
