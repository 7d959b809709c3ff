import type { AccessClaims } from './claims.ts'
import type { TokenView } from './schemas.ts'

export function tokenView({ sub, sid, role, auth_time, amr, acr, exp }: AccessClaims): TokenView {
  return {
    sub,
    sid,
    role,
    authTime: new Date(auth_time * 1000).toISOString(),
    amr,
    acr,
    expiresAt: new Date(exp * 1000).toISOString(),
  }
}
