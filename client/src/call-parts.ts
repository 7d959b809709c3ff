type Values = Record<string, unknown>

export type Parameters = {
  path?: Values
  query?: Values
  header?: Headers | [string, unknown][] | Values
}

export function addressOf(path: string, { path: parts = {}, query = {} }: Parameters): string {
  const filled = path.replace(/{(\w+)}/g, (_all, name) => encodeURIComponent(String(parts[name])))
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, one]),
  )
  const text = pairs
    .filter(([, value]) => value !== undefined && value !== null)
    .map((pair) => pair.map((one) => encodeURIComponent(String(one))).join('='))
    .join('&')
  return text ? `${filled}?${text}` : filled
}

/** `undefined` leaves a header out; `null` also removes a default. */
export function headersOf(body: unknown, given: (Parameters['header'] | undefined)[]): Headers {
  const isJson = typeof body === 'string'
  const headers = new Headers(isJson ? { 'content-type': 'application/json' } : {})
  for (const [name, value] of given.flatMap(pairsOf)) {
    if (value === null) headers.delete(name)
    else if (value !== undefined) headers.set(name, String(value))
  }
  return headers
}

function pairsOf(given: Parameters['header'] = {}): [string, unknown][] {
  if (Array.isArray(given)) return given
  return given instanceof Headers ? [...given] : Object.entries(given)
}

/** Files go as a form, everything else as JSON. */
export function bodyOf(fields: unknown): FormData | string | undefined {
  if (fields === undefined || fields instanceof FormData) return fields
  const pairs = Object.entries(fields as object)
  if (!pairs.some(([, value]) => value instanceof Blob)) return JSON.stringify(fields)
  const form = new FormData()
  for (const [name, value] of pairs) form.append(name, value)
  return form
}
