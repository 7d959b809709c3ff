// No two houses have the same number.
const part = pm.variables.replaceIn('{{$randomUUID}}').slice(0, 8)
store.set('projectNo', `GD-2026-${part}`)
