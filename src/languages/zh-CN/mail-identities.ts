import type { Texts } from '../en/texts.ts'
import { notice } from '../mail.ts'

type IdentityMails = Pick<
  Texts['mails'],
  keyof typeof import('../en/mail-identities.ts').identityMails
>

const NOTHING_TO_DO = '如果是您本人的操作，则无需理会此邮件。'
const SEE_TO_IT =
  '如果不是您本人的操作，说明有人登录了您的账号：请在账号中移除您不认识的内容，并通过邮件设置新密码。'

export const identityMails: IdentityMails = {
  identity_added: notice({
    subject: (site) => `您在 ${site} 添加了新的登录方式`,
    before: '从现在起，可以使用一个外部提供商的账号登录您的账号。',
    after: [NOTHING_TO_DO, SEE_TO_IT],
  }),

  identity_removed: notice({
    subject: (site) => `您在 ${site} 的一种登录方式已移除`,
    before: '一个外部提供商的账号已从您的账号中移除。',
    after: [NOTHING_TO_DO, SEE_TO_IT],
  }),

  account_claimed: notice({
    subject: (site) => `您在 ${site} 的账号现在只属于您`,
    before:
      '您通过外部提供商登录了账号。此前有人未经验证就使用您的邮箱地址注册：其密码、其他登录方式和会话均已清除。',
    after: ['如果不是您本人的操作，请通过邮件设置新密码。'],
  }),
}
