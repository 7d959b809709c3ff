import { blind, type Fault, seeing } from './fault.ts'

export const stoppedDatabase: Fault = {
  name: 'stopped-database',
  what: 'the database is stopped for 10 s',
  isInShort: true,
  async begin(fleet) {
    blind(fleet)
    await fleet.database.stop('SIGTERM')
  },
  lastsMs: ({ isShort }) => (isShort ? 4000 : 10_000),
  async end(fleet) {
    await fleet.database.start()
    seeing(fleet)
  },
}

export const killedDatabase: Fault = {
  name: 'killed-database',
  what: 'the database is killed (SIGKILL) and started at once',
  isInShort: true,
  async begin(fleet) {
    blind(fleet)
    await fleet.database.stop('SIGKILL')
  },
  async end(fleet) {
    await fleet.database.start()
    seeing(fleet)
  },
}

export const silentDatabase: Fault = {
  name: 'silent-database',
  what: 'the database stops answering (SIGSTOP) for 8 s',
  isInShort: false,
  async begin(fleet) {
    blind(fleet)
    fleet.database.freeze()
  },
  lastsMs: () => 8000,
  async end(fleet) {
    fleet.database.thaw()
    seeing(fleet)
  },
}

export const movedDatabase: Fault = {
  name: 'moved-database',
  what: 'the database turns read-only, and a replica at another address becomes the writer after 5 s',
  isInShort: true,
  begin: ({ database }) => database.closeForWrites(),
  lastsMs: ({ isShort }) => (isShort ? 2000 : 5000),
  end: ({ database }) => database.moveToReplica(),
}
