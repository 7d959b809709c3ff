import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'

/** Connections that work, those that are free, and how many statements wait for one. */
export type ConnectionFigures = { inUse: number; idle: number; waiting: number }

/** An adapter that knows its connections. */
export type CountingFactory = SqlDriverAdapterFactory & { connections: () => ConnectionFigures }
