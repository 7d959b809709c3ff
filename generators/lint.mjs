// Prints what Spectral finds in openapi.yaml, a line each.
import { readFileSync } from 'node:fs'
import spectral from '@stoplight/spectral-core'
import rulesets from '@stoplight/spectral-rulesets'
import { parse } from 'yaml'

const linter = new spectral.Spectral()
linter.setRuleset({ extends: [[rulesets.oas, 'recommended']] })
const findings = await linter.run(
  parse(readFileSync(new URL('../openapi.yaml', import.meta.url), 'utf8')),
)
for (const { code, path, message } of findings) console.log(`${code} ${path.join('.')}: ${message}`)
process.exitCode = findings.length === 0 ? 0 : 1
