import { accountErrors } from './account-errors.ts'
import { actions } from './actions.ts'
import { activity, activityDetails } from './activity.ts'
import { details } from './details.ts'
import { fields } from './fields.ts'
import { hints } from './hints.ts'
import { limits } from './limits.ts'
import { mailPage } from './mail-page.ts'
import { mails, mailWords } from './mails.ts'
import { messages } from './messages.ts'
import { problemsPage } from './problems-page.ts'
import { requestErrors } from './request-errors.ts'

/** Everything that the server says to people, in English. */
export const texts = {
  errors: { ...requestErrors, ...accountErrors },
  actions,
  details,
  fields,
  hints,
  limits,
  mails,
  mailWords,
  messages,
  activity,
  activityDetails,
  mailPage,
  problemsPage,
}

type English = typeof texts

/** The texts of one language: what `zh-CN/` and the others have to say. */
export interface Texts extends English {}
