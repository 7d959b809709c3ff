import type { Texts } from '../en/texts.ts'
import { type MailDraft, type MailValues, notice } from '../mail.ts'

type AddressMails = Pick<
  Texts['mails'],
  keyof typeof import('../en/mail-addresses.ts').addressMails
>

const NOTHING_TO_DO = '如果是您本人的操作，则无需理会此邮件。'

const emailChangeAsked: AddressMails['email_change_asked'] = (values) => ({
  subject: `您在 ${values.site} 的邮箱地址即将更改`,
  parts: [
    '有人在登录您的账号后请求更换邮箱地址。新地址通过验证后，将取代当前地址。',
    { facts: ['when', 'device'] },
    NOTHING_TO_DO,
    ...undo(values),
  ],
})

const emailChanged: AddressMails['email_changed'] = (values) => ({
  subject: `您在 ${values.site} 的邮箱地址已更改`,
  parts: [
    '您的账号已改用其他邮箱地址，当前地址不会再收到邮件。',
    { facts: ['when', 'device'] },
    NOTHING_TO_DO,
    ...undo(values),
  ],
})

function undo({ code, link, until }: MailValues): MailDraft['parts'] {
  return [
    `如果不是您本人的操作，请保留当前地址并设置新密码。您可以在 ${until} 之前完成此操作，所有设备都将退出登录：`,
    { label: '不是我本人的操作', link },
    '您也可以在需要时输入以下验证码。请勿将其告诉任何人：',
    { code },
  ]
}

export const addressMails: AddressMails = {
  email_change_asked: emailChangeAsked,
  email_changed: emailChanged,

  address_in_use: notice({
    subject: (site) => `您在 ${site} 已有账号`,
    before: '有人尝试使用该邮箱地址注册，但该地址已有账号，因此没有创建新账号。',
    facts: ['when'],
    after: [
      '如果是您本人的操作：请直接登录；如果忘记了密码，请重置密码。',
      '如果不是，则无需理会此邮件。您的账号没有任何变化。',
    ],
  }),

  email_verified: notice({
    subject: (site) => `您在 ${site} 的邮箱地址已验证`,
    before: '运营者已确认该邮箱地址属于您的账号。',
    facts: ['when'],
    after: ['如果您在那里没有账号，请告知服务的运营者。'],
  }),

  email_changed_for_you: notice({
    subject: (site) => `您在 ${site} 的邮箱地址已更改`,
    before: '服务的运营者已为您的账号更换了邮箱地址，当前地址不会再收到邮件。',
    facts: ['when'],
    after: ['如果您没有提出过此要求，请告知运营者。'],
  }),
}
