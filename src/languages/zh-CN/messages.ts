import type { Texts } from '../en/texts.ts'

export const messages: Texts['messages'] = {
  welcome: (username) => `欢迎，${username}！`,
  welcomeBack: (username) => `欢迎回来，${username}！`,
  dashboard: (username) => `${username}，您好！`,
  sessionContinues: (username) => `您的会话仍然有效，${username}。`,
  thankYou: (username) => `谢谢，${username}。`,
  signedOut: '您已退出登录。',
  passwordSet: '密码已设置。您的其他会话已结束。',
  passwordChanged: '密码已更改。您的其他会话已结束。',
  passwordReset: '密码已更改。所有会话已结束，请使用新密码登录。',
  verified: '您的邮箱地址已验证。',
  emailChangeUndone: '您的账号已恢复原邮箱地址，并设置了新密码。所有会话已结束，请使用新密码登录。',
  invitationAccepted: '您的账号已就绪，请使用新密码登录。',
  codeSent: '验证码已发往您的邮箱，请输入验证码登录。',
  codeSentAgain: '如果该账号存在，验证码已重新发送。',
  resetMailSent: '邮件已发往该账号的邮箱地址。',
}
