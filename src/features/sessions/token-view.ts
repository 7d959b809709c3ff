import type { AccessClaims } from './tokens.ts'

/** What a verified access token shows to whoever asks for it. */
export type TokenView = {
  sub: string
  sid: string
  role: string
  authTime: string
  amr: string[]
  expiresAt: string
}

export function tokenView({ sub, sid, role, auth_time, amr, exp }: AccessClaims): TokenView {
  return {
    ...{ sub, sid, role, amr },
    authTime: new Date(auth_time * 1000).toISOString(),
    expiresAt: new Date(exp * 1000).toISOString(),
  }
}
