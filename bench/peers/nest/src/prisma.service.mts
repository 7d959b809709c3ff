// @ts-nocheck: swc compiles this, and its packages are those of bench/ alone.
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { PrismaClient } from './generated/prisma/client.mjs'

@Injectable()
export class PrismaService extends PrismaClient implements OnModuleInit, OnModuleDestroy {
  constructor() {
    super({ adapter: new PrismaBetterSqlite3({ url: `file:${process.env.DATABASE_PATH}` }) })
  }

  async onModuleInit() {
    await this.$connect()
    // The adapter has one connection, so this holds for all that follows.
    await this.$queryRawUnsafe(`PRAGMA synchronous = ${process.env.SYNCHRONOUS}`)
  }

  async onModuleDestroy() {
    await this.$disconnect()
  }
}
