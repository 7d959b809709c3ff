import { defineError, type ErrorDefinition } from '../../platform/errors/api-error.ts'

export const ProjectNoTaken = defineError({
  code: 'project_no_taken',
  status: 409,
  action: 'fix_request',
})

export const houseErrors: readonly ErrorDefinition[] = [ProjectNoTaken.definition]
