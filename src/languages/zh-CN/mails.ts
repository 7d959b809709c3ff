import type { Texts } from '../en/texts.ts'
import { accountMails } from './mail-accounts.ts'
import { addressMails } from './mail-addresses.ts'
import { codeMails } from './mail-codes.ts'
import { factorMails } from './mail-factors.ts'
import { identityMails } from './mail-identities.ts'

export const mails: Texts['mails'] = {
  ...codeMails,
  ...addressMails,
  ...accountMails,
  ...factorMails,
  ...identityMails,
}

export const mailWords: Texts['mailWords'] = {
  when: '时间',
  device: '来源',
  left: '剩余恢复代码',
  colon: '：',
  comma: '，',
  programOn: (program, system) => `${system} 上的 ${program}`,
  dates: 'zh-CN',
  utc: (time) => `${time}（UTC）`,
}
