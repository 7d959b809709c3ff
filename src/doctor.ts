import { runDoctor } from './config-doctor.ts'
import { loadDotEnv } from './platform/dot-env.ts'

if (process.env.NODE_ENV !== 'production') loadDotEnv()
const { text, exitCode } = runDoctor(process.argv.slice(2), process.env)
const stream = exitCode === 2 ? process.stderr : process.stdout
stream.write(`${text}\n`)
process.exitCode = exitCode
