#!/usr/bin/env node
import { terminal } from './cli/io.ts'
import { runCli } from './cli/program.ts'

process.exitCode = await runCli(process.argv.slice(2), terminal(process.env))
