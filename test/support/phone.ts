import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createContext, runInContext } from 'node:vm'
import type { createLatchkey, Latchkey } from '../../client/src/index.ts'
import { bundledClient } from './client-bundle.ts'
import { createNetwork, type Network } from './network.ts'

// A phone with an app of React Native: of the web's classes it has only what React Native brings
// along, and they do no more than there. Packages that make up an XMLHttpRequest for Node know
// neither its forms of files by address, nor its blobs, nor the cookies that a phone keeps for all
// apps' requests.

const require = createRequire(import.meta.url)
/** The fetch that React Native ships. */
const FETCH = require.resolve('whatwg-fetch')

type Listener = (() => void) | null

/**
 * Bytes behind an address; like React Native's it cannot be made of bytes, and a form cannot send
 * it.
 */
class PhoneBlob {
  readonly text: string
  readonly type: string

  constructor(parts: readonly string[] = [], { type = '' } = {}) {
    this.text = parts.join('')
    this.type = type
  }
}

class PhoneFileReader {
  result: string | null = null
  onload: Listener = null

  readAsText({ text }: PhoneBlob): void {
    setImmediate(() => {
      this.result = text
      this.onload?.()
    })
  }
}

/** A file is `{ uri, name, type }`. */
class PhoneForm {
  readonly parts: [name: string, value: unknown][] = []

  append(name: string, value: unknown): void {
    this.parts.push([name, value])
  }
}

/** React Native has it, and most of what it should do throws there. */
class PhoneUrl {
  constructor() {
    throw new Error('URL.search is not implemented')
  }
}

export type App = {
  latchkey: Latchkey
  /** Runs in the app, where the app's own globals are. */
  run: (code: string) => unknown
  /** The app is gone: nothing that it waits for arrives. */
  kill: () => void
}

export async function createPhone() {
  const network = createNetwork()
  const kept = new Map<string, string>()
  const files = new Map<string, Blob>()
  const { code } = await bundledClient('iife')
  let passed = 0
  let pace = 1

  /** Starts the app: another one than before, with the same storage. */
  function start(baseUrl: string): App {
    const timers = new Set<NodeJS.Timeout>()
    let isAlive = true
    const setTimer = (work: () => void, milliseconds = 0) => {
      const timer = setTimeout(work, milliseconds / pace)
      timers.add(timer)
      return timer
    }
    const context = createContext({
      AbortController,
      Blob: PhoneBlob,
      clearTimeout,
      FileReader: PhoneFileReader,
      FormData: PhoneForm,
      navigator: { product: 'ReactNative' },
      performance: { now: () => passed },
      setTimeout: setTimer,
      storage: {
        getItem: async (name: string) => kept.get(name) ?? null,
        setItem: async (name: string, value: string) => void (isAlive && kept.set(name, value)),
        removeItem: async (name: string) => void (isAlive && kept.delete(name)),
      },
      URL: PhoneUrl,
      URLSearchParams: PhoneUrl,
      XMLHttpRequest: requestsOf({ network, files, isAlive: () => isAlive }),
    })
    const run = (text: string) => runInContext(text, context)
    run(readFileSync(FETCH, 'utf8'))
    run(code)
    const create = run('(options) => client.createLatchkey({ ...options, storage })')
    const latchkey = (create as typeof createLatchkey)({ baseUrl })
    const kill = () => {
      isAlive = false
      for (const timer of timers) clearTimeout(timer)
    }
    return { latchkey, run, kill }
  }

  return {
    start,
    network,
    /** What is in the app's storage. */
    kept,
    /** Files on the phone, by address. */
    files,
    /** From now on a second of the app's timers takes 50 ms. */
    hurry(): void {
      pace = 20
    },
    /** Lets the phone's clock run. */
    pass(seconds: number): void {
      passed += seconds * 1000
    },
  }
}

type Dependencies = { network: Network; files: Map<string, Blob>; isAlive: () => boolean }

/** As much of XMLHttpRequest as React Native's fetch uses of it. */
function requestsOf({ network, files, isAlive }: Dependencies) {
  return class PhoneRequest {
    readyState = 0
    status = 0
    response: PhoneBlob | null = null
    responseType = ''
    responseURL = ''
    /** Other than in browsers: cookies go along unless somebody says no. */
    withCredentials = true
    onload: Listener = null
    onerror: Listener = null
    onabort: Listener = null
    onreadystatechange: Listener = null
    readonly #controller = new AbortController()
    readonly #headers = new Headers()
    #target = { method: '', url: '' }
    #received = ''

    open(method: string, url: string): void {
      this.#target = { method, url }
      this.readyState = 1
    }

    setRequestHeader(name: string, value: string): void {
      this.#headers.set(name, value)
    }

    getAllResponseHeaders(): string {
      return this.#received
    }

    send(body: string | PhoneForm | null): void {
      this.#deliver(body).then(
        () => this.#end(this.onload),
        () => this.#end(this.#controller.signal.aborted ? this.onabort : this.onerror),
      )
    }

    abort(): void {
      this.#controller.abort()
    }

    async #deliver(body: string | PhoneForm | null): Promise<void> {
      const { method, url } = this.#target
      const cookies = [...network.cookies].map((pair) => pair.join('='))
      if (this.withCredentials && cookies.length > 0) {
        this.#headers.set('cookie', cookies.join('; '))
      }
      const { signal } = this.#controller
      const sent = body instanceof PhoneForm ? formOf(body, files) : body
      const request = new Request(url, { method, headers: this.#headers, body: sent, signal })
      const response = await network.fetch(request)
      const type = response.headers.get('content-type') ?? ''
      this.response = new PhoneBlob([await response.text()], { type })
      this.status = response.status
      this.responseURL = url
      this.#received = [...response.headers].map((pair) => `${pair.join(': ')}\r\n`).join('')
    }

    #end(listener: Listener): void {
      if (!isAlive()) return
      this.readyState = 4
      this.onreadystatechange?.()
      listener?.()
    }
  }
}

/** @throws where a part is no file by address: a phone's request fails then */
function formOf({ parts }: PhoneForm, files: Map<string, Blob>): FormData {
  const form = new FormData()
  for (const [name, value] of parts) {
    const { uri = '', name: fileName = '' } = value as { uri?: string; name?: string }
    const file = files.get(uri)
    if (!file) throw new TypeError('Multipart body must have at least one part')
    form.append(name, file, fileName)
  }
  return form
}
