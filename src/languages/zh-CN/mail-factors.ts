import type { Texts } from '../en/texts.ts'
import { notice } from '../mail.ts'

type FactorMails = Pick<Texts['mails'], keyof typeof import('../en/mail-factors.ts').factorMails>

const NOTHING_TO_DO = '如果是您本人的操作，则无需理会此邮件。'
const SEE_TO_IT =
  '如果不是您本人的操作，说明有人登录了您的账号：请立即更改密码，并检查您的验证方式。'

export const factorMails: FactorMails = {
  factor_added: notice({
    subject: (site) => `您在 ${site} 添加了新的验证方式`,
    before: '您的账号添加了一个验证器应用或通行密钥。',
    after: [NOTHING_TO_DO, SEE_TO_IT],
  }),

  factor_removed: notice({
    subject: (site) => `您在 ${site} 的一种验证方式已移除`,
    before: '您账号的一个验证器应用或通行密钥已被移除。',
    after: [NOTHING_TO_DO, SEE_TO_IT],
  }),

  factor_cloned: notice({
    subject: (site) => `您在 ${site} 的一个通行密钥可能已被复制`,
    before: '您账号的一个通行密钥被拒绝：其计数发生倒退，这通常意味着它已被复制。没有人因此登录。',
    after: ['请移除该通行密钥，并在您自己的设备上重新添加一个。'],
  }),

  second_factor_failed: notice({
    subject: (site) => `登录 ${site} 时多次输错验证码`,
    before: '有人通过了登录您账号的第一步，随后多次输错您验证器应用的验证码。',
    after: [
      NOTHING_TO_DO,
      '如果不是您本人的操作，说明有人知道您的密码：请立即更改。您的验证器应用阻止了此次登录。',
    ],
  }),

  second_factor_changed: notice({
    subject: (site) => `您在 ${site} 的登录设置已更改`,
    before: '有人在登录您的账号后，更改了使用密码登录时是否需要双重验证。',
    after: [NOTHING_TO_DO, SEE_TO_IT],
  }),

  recovery_codes_made: notice({
    subject: (site) => `您在 ${site} 的恢复代码已更新`,
    before: '您的账号生成了新的恢复代码，此前的恢复代码全部失效。',
    after: ['请勿将恢复代码与手机放在一起保管。', SEE_TO_IT],
  }),

  recovery_code_used: notice({
    subject: (site) => `您在 ${site} 的一个恢复代码已使用`,
    before: '有人使用您的一个恢复代码通过了身份验证。',
    facts: ['when', 'device', 'left'],
    after: [
      '每个恢复代码只能使用一次。请在用完之前生成新的恢复代码。',
      '如果不是您本人的操作，说明有人持有您的恢复代码：请立即更改密码，并生成新的恢复代码。',
    ],
  }),
}
