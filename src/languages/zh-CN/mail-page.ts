import type { Texts } from '../en/texts.ts'

export const mailPage: Texts['mailPage'] = {
  title: '您的账号',
  noScript: '此页面需要 JavaScript。您也可以在发起请求的地方输入邮件中的验证码。',
  newPassword: '新密码',
  newPasswordAgain: '再次输入新密码',
  confirm: '确认',
  script: {
    verify_email: {
      title: '确认您的邮箱地址',
      text: '请点击按钮，确认此邮箱地址属于您。',
      action: '确认邮箱地址',
    },
    reset_password: {
      title: '设置新密码',
      text: '您在其他地方的登录都将退出。',
      action: '设置新密码',
    },
    accept_invite: {
      title: '设置密码',
      text: '有人使用您的邮箱地址创建了账号。设置您自己的密码后，该账号即归您所有。',
      action: '设置密码',
    },
    undo_email: {
      title: '保留原邮箱地址',
      text: '您的账号将恢复原邮箱地址。请设置新密码：更改邮箱地址的人可能知道当前密码。其他所有登录都将退出。',
      action: '恢复我的邮箱地址',
    },
    incomplete: '此链接不完整。请将邮件中的完整链接复制到地址栏。',
    failed: '出错了，请重试。',
    offline: '无法连接服务器，请重试。',
  },
}
