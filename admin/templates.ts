import htm from 'htm'
import type { Plugin } from 'vite'

type Node = { type: string; start: number; end: number; [key: string]: unknown }
type Template = Node & { quasi: { quasis: Node[]; expressions: Node[] } }
type Parse = (code: string) => unknown

const IMPORT = /import \{ html(.*?) \} from ["']htm\/preact["']/
/** Stands for the expression of this number while htm reads a template. */
const MARK = /\0(\d+)\0/
const MARKS = /\0(\d+)\0/g

/** Turns the templates of htm into calls of `h`, so that the page need not bring htm's parser. */
export const templates: Plugin = {
  name: 'templates',
  enforce: 'post',
  transform(code, id) {
    if (!/\/src\/\w+\.ts$/.test(id) || !code.includes('html`')) return null
    const calls = compiled(code, (text) => this.parse(text))
    return { code: calls.replace(IMPORT, 'import { h$1 } from "preact"'), map: null }
  },
}

function compiled(code: string, parse: Parse): string {
  let done = ''
  let at = 0
  for (const template of outerTemplates(parse(code) as Node)) {
    const { quasis, expressions } = template.quasi
    const inner = expressions.map(
      ({ start, end }) => `(${compiled(code.slice(start, end), parse)})`,
    )
    const strings = quasis.map(({ value }) => (value as { cooked: string }).cooked)
    done += code.slice(at, template.start) + callsOf(strings, inner)
    at = template.end
  }
  return done + code.slice(at)
}

/** Those that are in no other, in their order. */
function outerTemplates(node: Node): Template[] {
  if (
    node.type === 'TaggedTemplateExpression' &&
    (node.tag as Node & { name?: string }).name === 'html'
  )
    return [node as Template]
  const isNode = (value: unknown): value is Node =>
    typeof (value as Node | null)?.type === 'string' && typeof (value as Node).start === 'number'
  return Object.values(node)
    .flat()
    .filter(isNode)
    .toSorted((one, other) => one.start - other.start)
    .flatMap(outerTemplates)
}

function callsOf(strings: string[], inner: string[]): string {
  const text = (value: unknown): string => {
    if (typeof value !== 'string') return JSON.stringify(value)
    const [whole, index] = MARK.exec(value) ?? []
    if (whole === value) return inner[Number(index)] as string
    if (whole === undefined) return JSON.stringify(value)
    return `\`${value.replaceAll(MARKS, (_, at) => `\${${inner[at]}}`)}\``
  }
  // A call that was made already is code.
  const made = new Set<string>()
  const child = (value: unknown) => (made.has(value as string) ? (value as string) : text(value))
  const h = (type: string, props: object | null, ...children: unknown[]): string => {
    const pairs = Object.entries(props ?? {}).map(
      ([name, value]) => `${JSON.stringify(name)}:${text(value)}`,
    )
    const call = `h(${[text(type), pairs[0] ? `{${pairs}}` : 'null', ...children.map(child)]})`
    made.add(call)
    return call
  }
  const marks = inner.map((_, index) => `\0${index}\0`)
  const parts: unknown = htm.call(h, Object.assign(strings, { raw: strings }), ...marks)
  return Array.isArray(parts) ? `[${parts.map(child)}]` : child(parts)
}
