import { type FormState, TextField } from '../auth/index.ts'
import { houseTexts } from '../texts/houses.ts'
import type { HouseBody } from './houses.ts'

/** What the form holds: an unknown address is empty. */
export type HouseValues = Record<keyof HouseBody, string>

export const NO_HOUSE: HouseValues = { projectNo: '', projectName: '', projectAddress: '' }

/** What the form shows of a house. */
export function valuesOfHouse({ projectNo, projectName, projectAddress }: HouseBody): HouseValues {
  return { projectNo, projectName, projectAddress: projectAddress ?? '' }
}

/** What the API gets of the form. */
export function bodyOfHouse({ projectAddress, ...values }: HouseValues): HouseBody {
  return { ...values, projectAddress: projectAddress.trim() === '' ? null : projectAddress }
}

/** The fields of a house, new or known. */
export function HouseFields({ form }: { form: FormState<HouseValues> }) {
  const { fields, numberHint } = houseTexts.use()
  return (
    <>
      <TextField
        form={form}
        name="projectNo"
        label={fields.projectNo}
        hint={numberHint}
        maxLength={128}
      />
      <TextField form={form} name="projectName" label={fields.projectName} maxLength={256} />
      <TextField form={form} name="projectAddress" label={fields.projectAddress} maxLength={256} />
    </>
  )
}
