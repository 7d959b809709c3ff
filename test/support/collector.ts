import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

export type ReceivedSpan = {
  traceId: string
  spanId: string
  parentId: string
  name: string
  kind: number
  /** 0 unset, 2 an error. */
  status: number
  attributes: Record<string, unknown>
  resource: Record<string, unknown>
}

type Pair = { key: string; value?: Record<string, unknown> }
type Holder = { attributes?: Pair[] }
type Span = Holder & {
  traceId?: Uint8Array
  spanId?: Uint8Array
  parentSpanId?: Uint8Array
  name?: string
  kind?: number
  status?: { code?: number }
}
type Batch = { resourceSpans?: { resource?: Holder; scopeSpans?: { spans?: Span[] }[] }[] }

const proto = protobuf.loadSync(fileURLToPath(new URL('./otlp.proto', import.meta.url)))
const Request = proto.lookupType('ExportTraceServiceRequest')
const WAIT_MS = 15_000

/** Takes every batch. */
const accept = (response: ServerResponse) => void response.writeHead(200).end()

/** A collector of traces, as far as a server sees one: OTLP as protobuf over HTTP. */
export async function startCollector(t: TestContext, answer = accept) {
  const spans: ReceivedSpan[] = []
  const requests: { url: string | undefined; headers: IncomingHttpHeaders; bytes: Buffer }[] = []
  let reply = answer
  const server = createServer(async (request, response) => {
    const bytes = await buffer(request)
    requests.push({ url: request.url, headers: request.headers, bytes })
    spans.push(...spansIn(bytes))
    reply(response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })

  /** Waits for a span. @throws Error with the names of those that came instead */
  async function spanOf(isMeant: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan> {
    const deadline = performance.now() + WAIT_MS
    for (;;) {
      const found = spans.find(isMeant)
      if (found) return found
      if (performance.now() > deadline) throw new Error(spans.map(({ name }) => name).join())
      await sleep(20)
    }
  }

  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    ...{ spans, requests, spanOf },
    childrenOf: ({ spanId }: ReceivedSpan) => spans.filter(({ parentId }) => parentId === spanId),
    /** Everything that was sent, to be searched for secrets. */
    text: () => requests.map(({ bytes }) => bytes.toString('latin1')).join(''),
    answerBy: (next: typeof accept) => {
      reply = next
    },
  }
}

function spansIn(bytes: Buffer): ReceivedSpan[] {
  const batch: Batch = Request.toObject(Request.decode(bytes), { longs: Number })
  return (batch.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => spanOf(span, attributesOf(resource))),
    ),
  )
}

function spanOf(span: Span, resource: Record<string, unknown>): ReceivedSpan {
  const hex = (bytes: Uint8Array = new Uint8Array()) => Buffer.from(bytes).toString('hex')
  return {
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentId: hex(span.parentSpanId),
    name: String(span.name),
    kind: Number(span.kind),
    status: Number(span.status?.code ?? 0),
    attributes: attributesOf(span),
    resource,
  }
}

function attributesOf({ attributes = [] }: Holder = {}): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value = {} }) => [key, Object.values(value)[0]]))
}
