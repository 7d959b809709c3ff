import type { AdminPage } from '../../src/languages/en/admin-page.ts'

/** The build has written the page in this language. */
export const { lang } = document.documentElement

/** What the script says, which stands in the page. */
export const texts = JSON.parse(document.body.dataset.texts as string) as AdminPage['script']
