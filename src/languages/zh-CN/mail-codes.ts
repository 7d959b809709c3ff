import type { Texts } from '../en/texts.ts'

type CodeMails = Pick<Texts['mails'], keyof typeof import('../en/mail-codes.ts').codeMails>

const NOT_YOURS = '如果这不是您本人的操作，请忽略此邮件。请勿将验证码告诉任何人。'

const verifyEmail: CodeMails['verify_email'] = ({ site, code, link, until }) => ({
  subject: `验证您在 ${site} 的邮箱地址`,
  parts: [
    '请使用以下验证码确认该邮箱地址属于您：',
    { code },
    { label: '验证邮箱地址', link },
    `验证码和链接在 ${until} 之前有效。`,
    NOT_YOURS,
  ],
})

const signIn: CodeMails['sign_in'] = ({ site, code, until }) => ({
  subject: `您在 ${site} 的验证码`,
  parts: [
    '请在登录页面输入以下验证码：',
    { code },
    `验证码在 ${until} 之前有效。`,
    '如果您此刻没有在登录，则可能有其他人正在尝试登录您的账号。请勿将验证码告诉任何人。',
  ],
})

const resetPassword: CodeMails['reset_password'] = ({ site, code, link, until }) => ({
  subject: `重置您在 ${site} 的密码`,
  parts: [
    '您可以使用以下验证码设置新密码：',
    { code },
    { label: '设置新密码', link },
    `验证码和链接在 ${until} 之前有效。设置新密码后，您将在所有设备上退出登录。`,
    NOT_YOURS,
  ],
})

const invite: CodeMails['invite'] = ({ site, code, link, until }) => ({
  subject: `邀请您加入 ${site}`,
  parts: [
    '管理员已使用该邮箱地址为您创建了账号。请使用以下验证码设置密码，然后用该邮箱地址登录：',
    { code },
    { label: '设置密码', link },
    `验证码和链接在 ${until} 之前有效。届时仍未启用的账号将被删除。`,
    '如果您不清楚这封邮件的来由，请忽略它。请勿将验证码告诉任何人。',
  ],
})

export const codeMails: CodeMails = {
  verify_email: verifyEmail,
  sign_in: signIn,
  reset_password: resetPassword,
  invite,
}
