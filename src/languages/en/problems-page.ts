/** The pages at `/problems`, around the texts of the errors. */
export const problemsPage = {
  title: 'Problems',
  code: 'Code',
  status: 'Status',
  action: 'What a client should do',
  /** Between the name of an action and what it means. */
  colon: ': ',
  all: 'All problems',
}
