import type { createApi } from './api.ts'
import type { components } from './api-types.ts'
import { successful } from './exchange.ts'
import type { Send } from './retry.ts'

export type Photo = components['schemas']['Photo']
export type Progress = { loaded: number; total: number }
export type UploadOptions = {
  /** Called during the upload, on platforms with `XMLHttpRequest`. */
  onProgress?: (progress: Progress) => void
  signal?: AbortSignal
  /** Name of the form field; `file` by default. */
  field?: string
}

type Xhr = {
  status: number
  response: ConstructorParameters<typeof Response>[0]
  responseType: string
  withCredentials: boolean
  upload: { onprogress: UploadOptions['onProgress'] }
  onload: () => void
  onerror: () => void
  onabort: () => void
  open(method: string, url: string): void
  setRequestHeader(name: string, value: string): void
  getAllResponseHeaders(): string
  send(body: FormData): void
  abort(): void
}

/** Uploads and downloads of files; they throw errors of the server. */
export function createFiles(fetch: ReturnType<typeof createApi>['fetch'], mayUseXhr: boolean) {
  const { XMLHttpRequest } = globalThis as { XMLHttpRequest?: new () => Xhr }

  async function upload<T = Photo>(
    path: string,
    file: Blob,
    { onProgress, signal, field = 'file' }: UploadOptions = {},
  ): Promise<T> {
    const body = new FormData()
    body.append(field, file)
    const send =
      onProgress && mayUseXhr && XMLHttpRequest
        ? sendWith(XMLHttpRequest, { body, onProgress })
        : undefined
    const init = { method: 'POST', body, ...(signal ? { signal } : {}) }
    return (await successful(await fetch(path, init, send))).json() as Promise<T>
  }

  async function photoUrl({ url }: Pick<Photo, 'url'>): Promise<string> {
    const response = await successful(await fetch(url))
    return URL.createObjectURL(await response.blob())
  }

  return { upload, photoUrl }
}

type Upload = { body: FormData; onProgress: NonNullable<UploadOptions['onProgress']> }

/** `fetch` reports no upload progress. */
function sendWith(XMLHttpRequest: new () => Xhr, { body, onProgress }: Upload): Send {
  return ({ method, url, credentials, headers, signal }) =>
    new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest()
      xhr.open(method, url)
      xhr.withCredentials = credentials === 'include'
      headers.forEach((value, name) => {
        // The form sets its own, with its boundary.
        if (name !== 'content-type') xhr.setRequestHeader(name, value)
      })
      xhr.upload.onprogress = ({ loaded, total }) => onProgress({ loaded, total })
      xhr.onload = () => {
        const lines = xhr.getAllResponseHeaders().trim().split(/\r?\n/)
        const pairs = lines.map((line) => line.split(': ') as [string, string])
        resolve(new Response(xhr.response, { status: xhr.status, headers: pairs }))
      }
      xhr.onerror = () => reject(new TypeError('The upload got no answer.'))
      xhr.onabort = () => reject(signal.reason)
      // React Native's requests may have no signal.
      signal?.addEventListener('abort', () => xhr.abort())
      if (signal?.aborted) xhr.onabort()
      else xhr.send(body)
    })
}
