import { type Static, Type } from 'typebox'
import {
  closed,
  HouseId,
  nullable,
  text,
  timestamp,
  UserId,
  withReadOnly,
} from '../../http/schemas.ts'
import type { House } from './service.ts'

// A house as it is sent and as it is answered.

const ProjectNo = text(128, {
  min: 1,
  description: 'The project number; no two houses have the same.',
  example: 'GD-2026-0017',
})
const ProjectName = text(256, {
  min: 1,
  description: 'The name of the project.',
  example: '海景花园 Sea View Garden',
})
const ProjectAddress = nullable(
  text(256, {
    description: 'Where it is; null where that is not known.',
    example: '12 Harbour Road',
  }),
)

export const HouseView = closed(
  {
    id: HouseId,
    projectNo: ProjectNo,
    projectName: ProjectName,
    projectAddress: ProjectAddress,
    ownerId: UserId,
    version: Type.Integer({
      minimum: 1,
      description: 'Counts the changes; the ETag names it.',
      example: 1,
    }),
    createdAt: timestamp('When it was made.', '2026-11-20T10:04:30.250Z'),
    updatedAt: timestamp('When it was changed last.', '2026-11-20T10:04:30.250Z'),
  },
  { title: 'House', description: 'A house, as everybody who is signed in sees it.' },
)

export function houseView(house: House): Static<typeof HouseView> {
  const { id, projectNo, projectName, projectAddress, ownerId, version } = house
  return {
    id,
    projectNo,
    projectName,
    projectAddress,
    ownerId,
    version,
    createdAt: house.createdAt.toISOString(),
    updatedAt: house.updatedAt.toISOString(),
  }
}

const whole = {
  projectNo: ProjectNo,
  projectName: ProjectName,
  projectAddress: Type.Optional(ProjectAddress),
}

export const HouseBody = closed(whole, {
  title: 'HouseInput',
  description: 'A whole house; an address that is left out is null.',
})

export const HouseReplacement = withReadOnly(
  HouseView,
  closed(whole, {
    title: 'HouseReplacement',
    description:
      'A whole house; an address that is left out is null. What is read-only is passed over.',
  }),
)

export const HouseChanges = withReadOnly(
  HouseView,
  closed(
    {
      projectNo: Type.Optional(ProjectNo),
      projectName: Type.Optional(ProjectName),
      projectAddress: Type.Optional(ProjectAddress),
    },
    {
      title: 'HousePatch',
      description: 'Fields that are left out stay as they are. What is read-only is passed over.',
    },
  ),
)
