// The built server with V8's profilers, controlled over a local socket: `--cpu-prof` would add the
// start and the warm-up. JavaScript, so that only the server is in the profile.
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { Session } from 'node:inspector/promises'

/** Microseconds between two samples; V8's own 1000 misses short functions. */
const INTERVAL = 250

const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.setSamplingInterval', { interval: INTERVAL })

/** Samples collected objects, too, since a request pays for them. */
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
