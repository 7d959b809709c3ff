/**
 * Meaning of an error number. `conflict`: rolled back for another transaction, retry; `away`: the
 * server cannot now; `condemned`: nor will this connection ever; `readOnly`: nor does its server
 * take writes; `full`: no connection can write; `denied`: this user lacks a right.
 */
export type Meaning = 'conflict' | 'away' | 'condemned' | 'readOnly' | 'full' | 'denied'

const numbers: Record<Meaning, number[]> = {
  conflict: [
    // Row changed since it was read; deadlock (Galera: certification failed); Group Replication.
    ...[1020, 1213, 3101],
    // TiDB: write conflict (three codes), rolled back at COMMIT, schema changed.
    ...[8002, 8005, 9007, 8022, 8028],
  ],
  away: [
    // Out of connections, memory, threads, prepared statements, or the user's share of them.
    ...[1037, 1038, 1040, 1041, 1135, 1152, 1203, 1226, 1461],
    // Network errors, lock wait timeout, interrupted, statement time limit.
    ...[1158, 1159, 1160, 1161, 1184, 1205, 1317, 1969, 3024],
    // No database, wrong password, address blocked or not allowed, TLS required, locked, expired.
    ...[1045, 1049, 1129, 1130, 1698, 1820, 1862, 3118, 3159],
    // COMMIT failed; refused by Group Replication; TiDB: part of the cluster is away or busy.
    ...[1180, 3098, 8027, 9001, 9002, 9003, 9004, 9005],
    // The driver's own: socket, connect, pool.
    ...[45_001, 45_004, 45_009, 45_012, 45_013, 45_015, 45_019, 45_026, 45_027, 45_028, 45_029],
    ...[45_030, 45_033, 45_035, 45_037, 45_039, 45_042, 45_060, 45_061],
  ],
  condemned: [
    // No quorum (Galera), shutting down, killed, connection lost, offline mode, idle for too long.
    ...[1047, 1053, 1077, 1078, 1079, 1080, 1927, 2002, 2006, 2013, 3032, 3168, 4031],
  ],
  // Read-only server (two codes) or transaction, Group Replication hook: a failover.
  readOnly: [1290, 1792, 1836, 3100],
  // Disk full, storage engine error, table full.
  full: [1021, 1030, 1114],
  // For the database, a table, a column, an action, a routine.
  denied: [1044, 1142, 1143, 1227, 1370],
}

const meanings = new Map(
  Object.entries(numbers).flatMap(([meaning, list]) =>
    list.map((number) => [number, meaning as Meaning] as const),
  ),
)

const UNKNOWN_ERROR = 1105

/**
 * Undefined for a wrong statement. @param code below zero for errors of the operating system
 * @param message for Vitess, which puts everything under 1105
 */
export function meaningOf(code: number, message = ''): Meaning | undefined {
  if (code < 0) return 'away'
  if (code === UNKNOWN_ERROR && /vttablet|vtgate|no healthy tablet/i.test(message)) return 'away'
  return meanings.get(code)
}
