// @ts-nocheck: swc compiles this, and its packages are those of bench/ alone.
import { Module } from '@nestjs/common'
import { JwtModule } from '@nestjs/jwt'
import { PassportModule } from '@nestjs/passport'
import { AuthController } from './auth.controller.mjs'
import { AuthService } from './auth.service.mjs'
import { JwtStrategy } from './jwt.strategy.mjs'
import { PrismaService } from './prisma.service.mjs'

@Module({
  imports: [
    PassportModule,
    JwtModule.register({ secret: process.env.JWT_SECRET, signOptions: { expiresIn: '1h' } }),
  ],
  controllers: [AuthController],
  providers: [AuthService, JwtStrategy, PrismaService],
})
export class AppModule {}
