// Hashes passwords in a loop and prints how many it makes a second. Its argument is JSON:
// {"engine": "argon2" | "@node-rs/argon2", "inFlight": 8, "seconds": 5}
const { engine, inFlight, seconds } = JSON.parse(process.argv[2])
const hash = await hasher(engine)
const PASSWORD = 'a password of usual length'

await Promise.all(Array.from({ length: inFlight }, () => hash(PASSWORD)))
const startedAt = performance.now()
const endsAt = startedAt + seconds * 1000
let hashes = 0
await Promise.all(
  Array.from({ length: inFlight }, async () => {
    while (performance.now() < endsAt) {
      await hash(PASSWORD)
      hashes += 1
    }
  }),
)
const perSecond = hashes / ((performance.now() - startedAt) / 1000)
console.log(JSON.stringify({ perSecond, hashesPerSecond: perSecond }))

async function hasher(name) {
  const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
  const library = await import(name)
  const { hash: make } = library.default ?? library
  return (password) => make(password, cost)
}
