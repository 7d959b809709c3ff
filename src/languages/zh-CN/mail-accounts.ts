import type { Texts } from '../en/texts.ts'
import { notice } from '../mail.ts'

type AccountMails = Pick<Texts['mails'], keyof typeof import('../en/mail-accounts.ts').accountMails>

const NOTHING_TO_DO = '如果是您本人的操作，则无需理会此邮件。'
const RESET = '如果不是您本人的操作，请立即重置密码：这会使所有设备退出登录。'

export const accountMails: AccountMails = {
  password_changed: notice({
    subject: (site) => `您在 ${site} 的密码已更改`,
    before: '您账号的密码已被更改，更改时输入了正确的原密码。',
    after: [RESET],
  }),

  password_set: notice({
    subject: (site) => `您在 ${site} 的账号已设置密码`,
    before: '您的账号原本没有密码。有人在登录您的账号后设置了密码。',
    after: [RESET],
  }),

  password_reset: notice({
    subject: (site) => `您在 ${site} 的密码已更改`,
    before: '有人使用发往该邮箱地址的验证码，为您的账号设置了新密码。',
    after: [
      '所有设备均已退出登录。',
      '如果不是您本人的操作，说明有人能够查看您的邮件：请先保护好您的邮箱，再重置密码。',
    ],
  }),

  new_device: notice({
    subject: (site) => `新设备登录了 ${site}`,
    before: '有人使用此前未登录过的设备登录了您的账号。',
    after: [NOTHING_TO_DO, RESET],
  }),

  account_locked: notice({
    subject: (site) => `${site} 的密码输错次数过多`,
    before: '您账号的密码被多次输错，暂时不能从陌生设备登录。',
    after: [
      '您以前登录过的设备仍可使用；从其中任一设备登录，即可解除锁定。',
      '如果不是您本人的操作，说明您的密码没有被猜中。如果您在别处也使用该密码，请更换。',
    ],
  }),

  refresh_token_reused: notice({
    subject: (site) => `为安全起见，您在 ${site} 的一个会话已结束`,
    before:
      '您某个会话中已使用过的令牌被再次使用，可能有人持有它的副本。该会话已结束，您的其他设备仍保持登录。',
    after: [
      '请在已退出登录的设备上重新登录。如果再次发生，请检查该设备上是否有恶意软件，并更改密码。',
    ],
  }),

  account_disabled: notice({
    subject: (site) => `您在 ${site} 的账号已停用`,
    before: '运营者已停用您的账号，所有设备均已退出登录。',
    after: ['如果您不清楚原因，请咨询服务的运营者。'],
  }),

  account_deleted: notice({
    subject: (site) => `您在 ${site} 的账号已删除`,
    before: '您的账号及其所有数据均已删除。这是关于该账号的最后一封邮件。',
    after: ['如果不是您本人的操作，请尽快告知服务的运营者。'],
  }),

  test: notice({
    subject: (site) => `来自 ${site} 的测试邮件`,
    before: '此服务器的邮件可以送达。这封邮件由运营者发送。',
    facts: ['when'],
    after: [],
  }),
}
