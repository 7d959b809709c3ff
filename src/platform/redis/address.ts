export type RedisAddress = Access & (Server | Cluster | Sentinels)

type Access = {
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly username: string
  readonly password: string
  /** `off` declares the network trusted; undefined is plain, too, but production refuses it. */
  readonly tls: 'on' | 'off' | undefined
}

/** `db` is the number of the database. */
type Server = { readonly kind: 'server'; readonly db: number }

type Cluster = { readonly kind: 'cluster' }

/** Sentinels know the server by its name. */
type Sentinels = {
  readonly kind: 'sentinel'
  readonly masterName: string
  /** Of the Sentinels themselves. */
  readonly sentinelPassword: string
}
