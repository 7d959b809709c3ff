import { createRequire } from 'node:module'
import type { SerializerFactory } from '@fastify/fast-json-stringify-compiler'
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify'
import type { TObject } from 'typebox'
import { lazy } from '../../platform/lazy.ts'
import { requireCode } from '../../platform/load-code.ts'

type Compilers = NonNullable<
  NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
>
type ValidatorFactory = (schemas: object, options: object) => FastifySchemaCompiler<unknown>
type Validating = typeof import('@fastify/ajv-compiler')
type Serializing = typeof import('@fastify/fast-json-stringify-compiler')
type Validator = ReturnType<FastifySchemaCompiler<unknown>>
type Serializer = (value: unknown) => string

// One of each for the process, so that all its servers compile a schema once.
const require = createRequire(import.meta.url)
const validators = lazy(() => {
  const library = requireCode<Validating>(() => require('@fastify/ajv-compiler'))
  return library.AjvCompiler() as ValidatorFactory
})
const serializers = lazy(() => {
  const name = '@fastify/fast-json-stringify-compiler'
  const library = requireCode<Serializing>(() => require(name))
  return library.SerializerSelector()
})

const buildValidator: ValidatorFactory = (schemas, options) => {
  const compile = lazy(() => validators()(schemas, options))
  return (route) => lazyValidator(() => compile()(withPlainNames(route)))
}

const buildSerializer: SerializerFactory = (schemas, options) => {
  const compile = lazy(() => serializers()(schemas, options))
  return (route) => lazySerializer(() => compile()(route))
}

/**
 * Compile each schema when it is first used: a start would compile some hundreds, and most requests
 * need few of them. A wrong schema shows at its first request; `test/http/schemas.test.ts` compiles
 * all.
 */
export const lazyCompilers = { buildValidator, buildSerializer } as Compilers

function lazyValidator(compile: () => Validator): Validator {
  const compiled = lazy(compile)
  const validate: Validator = (value) => {
    const check = compiled()
    const result = check(value)
    // Fastify reads the errors from the function that it has called.
    validate.errors = check.errors ?? null
    return result
  }
  return validate
}

type Route = Parameters<FastifySchemaCompiler<unknown>>[0]

/** Node has the names of headers in lower case; Fastify leaves that to compilers of one's own. */
function withPlainNames(route: Route): Route {
  const { httpPart, schema } = route
  if (httpPart !== 'headers') return route
  const { properties = {}, required = [], ...others } = schema as Partial<TObject>
  const plain = Object.entries(properties).map(([name, one]) => [name.toLowerCase(), one])
  const names = required.map((name) => name.toLowerCase())
  return { ...route, schema: { ...others, properties: Object.fromEntries(plain), required: names } }
}

function lazySerializer(compile: () => Serializer): Serializer {
  const compiled = lazy(compile)
  return (value) => compiled()(value)
}
