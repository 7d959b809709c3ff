describe('a forgotten password', () => {
  beforeEach(() => cy.task('reset'))

  it('is replaced, though the network breaks once', () => {
    cy.task<{ email: string }>('aUser', {}).then(({ email }) => {
      cy.request('POST', '/challenges', { purpose: 'reset_password', login: email })
      cy.task<{ link: string }>('lastMail', email).then(({ link }) => cy.visit(link))
    })
    cy.get('[name=newPassword]').type('a quite different sentence')
    cy.get('[name=newPasswordConfirm]').type('a quite different sentence')
    cy.task('dropNextResponse', { path: '/challenges/answer' })
    cy.get('button').click()
    cy.contains('no connection')

    cy.get('button').click()
    cy.get('[role=status]').should('have.class', 'good')
  })
})
