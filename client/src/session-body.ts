import type { paths } from './api-types.ts'

export type SessionBody = paths['/login']['post']['responses'][200]['content']['application/json']
export type User = SessionBody['user']
export type Transport = 'body' | 'cookie'
