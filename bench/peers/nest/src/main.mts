// @ts-nocheck: swc compiles this, and its packages are those of bench/ alone.
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module.mjs'

const { PORT, PLATFORM } = process.env
const app = await NestFactory.create(AppModule, await adapter(), { logger: ['error', 'warn'] })
app.enableShutdownHooks()
await app.listen(Number(PORT), '127.0.0.1')

/** Only the platform that is used gets loaded. */
async function adapter() {
  if (PLATFORM === 'fastify') {
    const { FastifyAdapter } = await import('@nestjs/platform-fastify')
    return new FastifyAdapter()
  }
  const { ExpressAdapter } = await import('@nestjs/platform-express')
  return new ExpressAdapter()
}
