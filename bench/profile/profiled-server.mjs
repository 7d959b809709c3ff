// The built server with V8's profilers beside it. They are asked over a socket of this machine, so that
// a profile holds a load and neither the start nor the warm-up: `--cpu-prof` would hold all of them.
// It is JavaScript, for nothing but the server itself may be in the profile.
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { Session } from 'node:inspector/promises'

/** Microseconds between two samples; V8's own 1000 misses short functions. */
const INTERVAL = 250

const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.setSamplingInterval', { interval: INTERVAL })

/** What is sampled of the heap: also what the collector has taken away, since that is what a request costs. */
const everything = {
  samplingInterval: 8192,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
}

const answers = {
  '/cpu/start': () => session.post('Profiler.start'),
  '/cpu/stop': async () => (await session.post('Profiler.stop')).profile,
  '/heap/start': () => session.post('HeapProfiler.startSampling', everything),
  '/heap/stop': async () => (await session.post('HeapProfiler.stopSampling')).profile,
}

rmSync(process.env.PROFILE_SOCKET, { force: true })
const control = createServer(async ({ url }, reply) => {
  reply.end(JSON.stringify((await answers[url]?.()) ?? {}))
})
control.listen(process.env.PROFILE_SOCKET).unref()

if (process.env.PROFILE_START) await answers['/cpu/start']()
await import('../../dist/main.js')
