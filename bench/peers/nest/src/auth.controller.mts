// @ts-nocheck: swc compiles this, and its packages are those of bench/ alone.
import { Body, Controller, Get, HttpCode, Post, Request, UseGuards } from '@nestjs/common'
import { AuthService } from './auth.service.mjs'
import { JwtAuthGuard } from './jwt.strategy.mjs'

@Controller()
export class AuthController {
  constructor(private readonly authService: AuthService) {}

  @Get('ready')
  ready() {
    return { ready: true }
  }

  @Post('register')
  register(@Body() body: Record<string, string>) {
    return this.authService.register(body)
  }

  @HttpCode(200)
  @Post('login')
  login(@Body() body: Record<string, string>) {
    return this.authService.login(body)
  }

  @HttpCode(200)
  @Post('refresh')
  refresh(@Body() body: Record<string, string>) {
    return this.authService.refresh(body.refreshToken)
  }

  @UseGuards(JwtAuthGuard)
  @Get('verify')
  verify(@Request() request) {
    return request.user
  }

  @UseGuards(JwtAuthGuard)
  @Get('me')
  me(@Request() request) {
    return this.authService.profile(request.user.userId)
  }
}
