// What the kernel says about processes. Linux only: elsewhere every figure is NaN.
import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in ticks of 1/100 s, on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100

export type Usage = {
  /** Processor time so far, all threads and child processes that still run. */
  cpuSeconds: number
  /** Resident MiB; pages that several of the processes share count once. */
  memoryMb: number
}

/** What a process and its descendants use. */
export function usageOf(pid: number): Usage {
  const pids = family(pid)
  return {
    cpuSeconds: sum(pids.map(cpuSecondsOf)),
    // A process alone: what `ps` shows. Several share their pages, so each counts its part of them.
    memoryMb: pids.length === 1 ? residentMb(pid) : sum(pids.map(proportionalMb)),
  }
}

/** Whether a library whose path contains the text is loaded into the process. */
export function hasLoaded(pid: number, text: string): boolean {
  return (read(`/proc/${pid}/maps`) ?? '').includes(text)
}

function family(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(family)]
}

function childrenOf(pid: number): number[] {
  return threadsOf(pid)
    .flatMap((thread) => (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' '))
    .filter((text) => text !== '')
    .map(Number)
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

function cpuSecondsOf(pid: number): number {
  // The name of the program stands in brackets and may hold spaces; what follows does not.
  const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function residentMb(pid: number): number {
  return kibIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+)/m) / 1024
}

function proportionalMb(pid: number): number {
  return kibIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+)/m) / 1024
}

function kibIn(file: string, pattern: RegExp): number {
  return Number(pattern.exec(read(file) ?? '')?.[1])
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
