// The styles that all pages share come first, so that those of a page can differ.
import './auth/ui/styles/index.css'
import './shell/shell.css'
import { render } from 'preact'
import { App } from './app.tsx'
import {
  catchProviderReturn,
  disguiseTexts,
  nameSite,
  startLanguage,
  startTheme,
} from './auth/index.ts'
import { latchkey } from './latchkey.ts'
import { forgetDrafts } from './resources/drafts.ts'

catchProviderReturn()
startTheme()
startLanguage()
nameSite('Latchkey')
// Only a sign-out by hand has no problem.
latchkey.on('signedOut', (problem) => !problem && forgetDrafts())

// `?lang=pseudo` shows which words come from no catalogue; no part of what is built for people.
if (import.meta.env.MODE !== 'production') {
  const asked = new URLSearchParams(location.search).get('lang')
  if (asked) sessionStorage.setItem('lang', asked)
  if (sessionStorage.getItem('lang') === 'pseudo') {
    disguiseTexts((await import('./auth/ui/pseudo.ts')).pseudo)
  }
}

const root = document.getElementById('app')
if (root) render(<App />, root)
