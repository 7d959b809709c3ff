// A name of its own for each account, so that this can be sent again and again.
const part = pm.variables.replaceIn('{{$randomUUID}}').slice(0, 8)
store.set('username', `lyshark-${part}`)
