// Journeys through examples/spa and what may go wrong on them, in a real browser: npm run
// test:browser (CHROMIUM=<path> names another). All share one browser; each file runs alone, too.
import './journey.ts'
import './tabs.ts'
import './lost-answers.ts'
import './foreign.ts'
