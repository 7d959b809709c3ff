// Profiles of V8 as one kind of tree, whose frames say where a function lives in words that are the
// same on every machine.
import { fileURLToPath } from 'node:url'

type CallFrame = { functionName: string; url: string }
export type CpuProfile = {
  nodes: { id: number; callFrame: CallFrame; children?: number[] }[]
  samples: number[]
  /** Microseconds before each sample. */
  timeDeltas: number[]
}
type HeapNode = { callFrame: CallFrame; selfSize: number; children: HeapNode[] }
export type HeapProfile = { head: HeapNode }

/** Whose code it is. */
export type Kind = 'latchkey' | 'package' | 'node' | 'native'

/** A function where it was called from; `total` and `self` are microseconds, or bytes. */
export type Frame = {
  name: string
  /** A file of the sources, a package, or a module of Node. */
  place: string
  kind: Kind
  total: number
  self: number
  children: Map<string, Frame>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const IDLE = '(idle)'
const NAMES = new Map([
  ['(program)', 'outside of JavaScript'],
  ['(garbage collector)', 'garbage collector'],
])

/** What the processor did on the main thread, without the time in which it had nothing to do. */
export function readCpuProfile({ nodes, samples, timeDeltas }: CpuProfile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const self = new Map<number, number>()
  for (const [at, id] of samples.entries()) {
    self.set(id, (self.get(id) ?? 0) + (timeDeltas[at + 1] ?? 0))
  }
  type Node = CpuProfile['nodes'][number]
  const childrenOf = ({ children = [] }: Node) =>
    children
      .flatMap((id) => byId.get(id) ?? [])
      .filter((node) => node.callFrame.functionName !== IDLE)
  const [head] = nodes
  if (!head) throw new Error('The profile is empty.')
  return treeOf(head, childrenOf, ({ id }) => self.get(id) ?? 0)
}

/** What was allocated, whether it still lives or not. */
export function readHeapProfile({ head }: HeapProfile): Frame {
  return treeOf(
    head,
    ({ children }) => children,
    ({ selfSize }) => selfSize,
  )
}

/** Puts together what is called by the same function from several lines. */
function treeOf<Node extends { callFrame: CallFrame }>(
  head: Node,
  childrenOf: (node: Node) => Node[],
  selfOf: (node: Node) => number,
): Frame {
  const top: Frame = {
    name: 'all',
    place: '',
    kind: 'native',
    total: 0,
    self: 0,
    children: new Map(),
  }

  function add(node: Node, frame: Frame): number {
    const own = selfOf(node)
    const below = childrenOf(node).reduce((sum, child) => sum + add(child, into(frame, child)), 0)
    frame.self += own
    frame.total += own + below
    return own + below
  }

  add(head, top)
  return top
}

function into(parent: Frame, { callFrame }: { callFrame: CallFrame }): Frame {
  const { functionName, url } = callFrame
  const name = NAMES.get(functionName) ?? (functionName || '(anonymous)')
  const origin = url === '' ? nativeBelow(parent) : originOf(url)
  const key = `${name} ${origin.place}`
  const frame = parent.children.get(key) ?? {
    ...{ name, ...origin, total: 0, self: 0, children: new Map() },
  }
  parent.children.set(key, frame)
  return frame
}

/** Machine code has no place of its own: it counts for whoever calls it. */
function nativeBelow({ place }: Frame): Pick<Frame, 'place' | 'kind'> {
  return { place: place || 'V8', kind: 'native' }
}

/** Tells nothing of the machine: a package, a file of `src`, a module of Node. */
function originOf(url: string): Pick<Frame, 'place' | 'kind'> {
  if (url.startsWith('node:')) return { place: url, kind: 'node' }
  if (url.startsWith('wasm:')) return { place: 'WebAssembly (Prisma)', kind: 'package' }
  const path = url.startsWith('file:') ? fileURLToPath(url) : url
  const [, inPackage] = path.split(/\/node_modules\/(?!.*\/node_modules\/)/)
  const name = inPackage && /^(@[^/]+\/)?[^/]+/.exec(inPackage)?.[0]
  if (name) return { place: name, kind: 'package' }
  const file = path.startsWith(ROOT) ? path.slice(ROOT.length) : 'made at run time'
  if (file.startsWith('dist/bundled/')) return { place: 'typebox', kind: 'package' }
  return { place: file.replace(/^dist\/(.*)\.js$/, 'src/$1.ts'), kind: 'latchkey' }
}

/** Self time, or bytes, of each function or place, the most first. */
export function ranking(top: Frame, nameOf: (frame: Frame) => string): [string, number][] {
  const sums = new Map<string, number>()
  const count = (frame: Frame): void => {
    if (frame.self > 0) sums.set(nameOf(frame), (sums.get(nameOf(frame)) ?? 0) + frame.self)
    for (const child of frame.children.values()) count(child)
  }
  count(top)
  return [...sums].sort(([, one], [, other]) => other - one)
}
