// What the kernel says about a process. Linux only: elsewhere every figure is NaN.
import { readFileSync } from 'node:fs'

/** Linux counts processor time in ticks of 1/100 s, on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100

export type Usage = {
  /** Processor time so far, of all threads. */
  cpuSeconds: number
  /** Resident MiB, as `ps` shows. */
  memoryMb: number
}

export function usageOf(pid: number): Usage {
  // The name of the program stands in brackets and may hold spaces; what follows does not.
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? []
  const kib = Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1])
  const ticks = Number(fields[11]) + Number(fields[12])
  return { cpuSeconds: ticks / TICKS_PER_SECOND, memoryMb: kib / 1024 }
}

/** The processes that a process has started. */
export function childrenOf(pid: number): number[] {
  return (read(`/proc/${pid}/task/${pid}/children`).match(/\d+/g) ?? []).map(Number)
}

/** The sum of several processes. */
export function usageOfAll(pids: readonly number[]): Usage {
  const usages = pids.map(usageOf)
  const sumOf = (key: keyof Usage) => usages.reduce((sum, usage) => sum + usage[key], 0)
  return { cpuSeconds: sumOf('cpuSeconds'), memoryMb: sumOf('memoryMb') }
}

/** Whether a library whose path contains the text is loaded into the process. */
export function hasLoaded(pid: number, text: string): boolean {
  return read(`/proc/${pid}/maps`).includes(text)
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
