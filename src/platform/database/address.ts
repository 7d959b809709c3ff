/** DATABASE_URL, parsed. */
export type DatabaseAddress = SqliteAddress | MysqlAddress

export type SqliteAddress = {
  readonly kind: 'sqlite'
  /** Absolute, or relative to the working directory. */
  readonly path: string
}

export type MysqlAddress = {
  readonly kind: 'mysql'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** `off` declares the network trusted; undefined is plain, too, but production refuses it. */
  readonly tls: 'on' | 'off' | undefined
  /** For MySQL 8 without TLS. */
  readonly allowPublicKeyRetrieval: boolean
}
