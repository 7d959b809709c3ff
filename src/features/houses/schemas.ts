import { HouseId } from '../../contract/ids.ts'
import { resourceSchemas } from '../../http/resource-schemas.ts'
import { HouseView, whole } from './house.ts'

export const houseSchemas = resourceSchemas({
  tag: 'Houses',
  noun: 'house',
  id: HouseId,
  view: HouseView,
  columns: whole,
  defaults: 'An address that you leave out becomes null.',
  says: {
    create:
      'A user may have at most 10,000 houses, unless the server is configured otherwise (`HOUSES_PER_USER`).',
    read: 'Every signed-in user may read every house.',
    replace: 'Admins may replace the houses of others.',
    update: 'Admins may change the houses of others.',
    remove:
      'Its photos go with it, and its project number is free again. Admins may delete the houses of others.',
  },
  problems: {
    create: ['project_no_taken'],
    replace: ['not_owner', 'project_no_taken'],
    update: ['not_owner', 'project_no_taken'],
    remove: ['not_owner'],
  },
})
