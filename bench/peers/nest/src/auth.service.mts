// @ts-nocheck: swc compiles this, and its packages are those of bench/ alone.
import { createHash, randomBytes } from 'node:crypto'
import { Injectable, UnauthorizedException } from '@nestjs/common'
import { JwtService } from '@nestjs/jwt'
import argon2 from 'argon2'
import { PrismaService } from './prisma.service.mjs'

const HASH = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const REFRESH_MS = 30 * 24 * 3_600_000
const PUBLIC = { id: true, username: true, email: true, role: true, createdAt: true }

@Injectable()
export class AuthService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly jwtService: JwtService,
  ) {}

  async register({ username, email, password }) {
    const passwordHash = await argon2.hash(password, HASH)
    const user = await this.prisma.user.create({ data: { username, email, passwordHash } })
    return this.tokensFor(this.prisma, user)
  }

  async login({ username, password }) {
    const user = await this.prisma.user.findUnique({ where: { username } })
    if (!user || !(await argon2.verify(user.passwordHash, password))) {
      throw new UnauthorizedException()
    }
    return this.tokensFor(this.prisma, user)
  }

  refresh(refreshToken: string) {
    const where = { tokenHash: digest(refreshToken), expiresAt: { gt: new Date() } }
    return this.prisma.$transaction(async (tx) => {
      const consumed = await tx.refreshToken
        .delete({ where, include: { user: true } })
        .catch(() => undefined)
      if (!consumed) throw new UnauthorizedException()
      return this.tokensFor(tx, consumed.user)
    })
  }

  profile(id: string) {
    return this.prisma.user.findUnique({ where: { id }, select: PUBLIC })
  }

  private async tokensFor(tx, { id, username, role }) {
    const refreshToken = randomBytes(32).toString('base64url')
    const expiresAt = new Date(Date.now() + REFRESH_MS)
    await tx.refreshToken.create({
      data: { tokenHash: digest(refreshToken), userId: id, expiresAt },
    })
    return { accessToken: this.jwtService.sign({ sub: id, username, role }), refreshToken }
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
