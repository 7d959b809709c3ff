import { AjvCompiler } from '@fastify/ajv-compiler'
import { type SerializerFactory, SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify'
import type { TObject } from 'typebox'

type Compilers = NonNullable<
  NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
>
type ValidatorFactory = (schemas: object, options: object) => FastifySchemaCompiler<unknown>
type Validator = ReturnType<FastifySchemaCompiler<unknown>>
type Serializer = (value: unknown) => string

// One of each for the process, so that all its servers compile a schema once.
const validators = AjvCompiler() as ValidatorFactory
const serializers = SerializerSelector()

const buildValidator: ValidatorFactory = (schemas, options) => {
  const compile = validators(schemas, options)
  return (route) => lazyValidator(() => compile(withPlainNames(route)))
}

const buildSerializer: SerializerFactory = (schemas, options) => {
  const compile = serializers(schemas, options)
  return (route) => lazySerializer(() => compile(route))
}

/**
 * Compile each schema when it is first used: a start would compile some hundreds, and most requests
 * need few of them. A wrong schema shows at its first request; `test/http/schemas.test.ts` compiles
 * all.
 */
export const lazyCompilers = { buildValidator, buildSerializer } as Compilers

function lazyValidator(compile: () => Validator): Validator {
  let compiled: Validator | undefined
  const validate: Validator = (value) => {
    compiled ??= compile()
    const result = compiled(value)
    // Fastify reads the errors from the function that it has called.
    validate.errors = compiled.errors ?? null
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
  let compiled: Serializer | undefined
  return (value) => {
    compiled ??= compile()
    return compiled(value)
  }
}
