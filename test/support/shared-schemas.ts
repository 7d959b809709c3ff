import { createRequire } from 'node:module'

// Fastify compiles the schemas of all routes anew for each server, a third of the time of most
// tests. The servers of a test file share what was compiled from one and the same schema; it keeps
// nothing from call to call.

type Compile = (route: { schema: object; httpPart?: string }) => unknown
type Build = (...needs: unknown[]) => Compile

const fastify = createRequire(createRequire(import.meta.url).resolve('fastify'))

// It keeps a compiler for each set of options, and the compiler what it made of each schema.
replace('@fastify/ajv-compiler', rememberingHeaders)
replace('@fastify/fast-json-stringify-compiler', remembering)

/** Gives every server the compiler that `change` makes of the usual one. */
function replace(name: string, change: (build: Build) => Build): void {
  const path = fastify.resolve(name)
  const build = change(fastify(path)())
  const module = fastify.cache[path]
  if (module) module.exports = () => build
}

/** Fastify copies the schemas of headers for each server, so they are known by what they say. */
function rememberingHeaders(build: Build): Build {
  const made = new Map<string, unknown>()
  return (...needs) => {
    const compile = build(...needs)
    return (route) => {
      if (route.httpPart !== 'headers') return compile(route)
      const text = JSON.stringify(route.schema)
      const known = made.get(text) ?? compile(route)
      made.set(text, known)
      return known
    }
  }
}

function remembering(build: Build): Build {
  const made = new WeakMap<object, unknown>()
  return (...needs) => {
    const compile = build(...needs)
    return ({ schema, ...route }) => {
      const known = made.get(schema) ?? compile({ schema, ...route })
      made.set(schema, known)
      return known
    }
  }
}
