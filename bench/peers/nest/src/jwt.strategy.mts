// @ts-nocheck: swc compiles this, and its packages are those of bench/ alone.
import { Injectable } from '@nestjs/common'
import { AuthGuard, PassportStrategy } from '@nestjs/passport'
import { ExtractJwt, Strategy } from 'passport-jwt'

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      ignoreExpiration: false,
      secretOrKey: process.env.JWT_SECRET,
    })
  }

  validate(payload) {
    return {
      userId: payload.sub,
      username: payload.username,
      role: payload.role,
      exp: payload.exp,
    }
  }
}

@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {}
