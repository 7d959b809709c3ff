import { parse } from 'yaml'
import { pageAt } from './walkthrough.ts'

export type Service = {
  image?: string
  build?: string
  command?: string[]
  restart?: string
  profiles?: string[]
  environment?: Record<string, string>
  secrets?: string[]
  volumes?: string[]
  networks?: string[] | Record<string, { ipv4_address?: string } | null>
  cap_drop?: string[]
  security_opt?: string[]
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
  read_only?: boolean
  ports?: string[]
  stop_grace_period?: string
  mem_limit?: string
  cpus?: number | string
  pids_limit?: number
  [other: string]: unknown
}

export type Compose = {
  services: Record<string, Service>
  networks: Record<string, { internal?: boolean; ipam?: { config: { subnet: string }[] } } | null>
  volumes: Record<string, unknown>
  secrets: Record<string, { file: string }>
}

/** A compose file, with its anchors put in. */
export function composeAt(path: string): Compose {
  const override = { tag: '!override', collection: 'seq' as const }
  return parse(pageAt(path), { merge: true, customTags: [override] })
}

/** A service of the compose file, by its name. */
export function serviceOf({ services }: Compose, name: string): Service {
  const service = services[name]
  if (!service) throw new Error(`there is no service ${name}`)
  return service
}

/** Compose's `${NAME:-default}`, with no NAME given. */
export function expanded(environment: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(/^\$\{\w+:-(.*)\}$/, '$1'),
    ]),
  )
}

/** The networks of a service. */
export function networksOf({ networks = [] }: Service): string[] {
  return Array.isArray(networks) ? networks : Object.keys(networks)
}
