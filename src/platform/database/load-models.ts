import { type DatabaseConnection, isUnavailable } from './database.ts'

const AFTER_MS = 1000

type Loading = Pick<DatabaseConnection, 'client'>

/** Loads Prisma's query compiler behind the start; why not later, `load-code.ts` says. */
export function loadModelsLater(database: Loading): NodeJS.Timeout {
  return setTimeout(loadModels, AFTER_MS, database).unref()
}

async function loadModels({ client }: Loading): Promise<void> {
  await client.$connect().catch((error) => {
    if (!isUnavailable(error)) throw error
  })
}
