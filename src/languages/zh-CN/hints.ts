import type { Texts } from '../en/texts.ts'

export const hints: Texts['hints'] = {
  username: '用户名只能包含 A-Z a-z 0-9 _ . -，且必须以字母或数字开头。',
  email: '邮箱地址无效。',
  wellFormed: '不能包含残缺的 Unicode 字符。',
  line: '不能包含控制字符和残缺的 Unicode 字符。',
  size: 'size 必须是 1 到 100 之间的整数。',
  page: 'page 必须是不小于 1 的整数。',
  entityTags: '请发送 *，或 ETag 给出的带引号的实体标签，以逗号分隔。',
  codeVerifier: '请发送 code verifier：由 A-Z a-z 0-9 - . _ ~ 组成的 43 到 128 个字符。',
  codeChallenge: '请发送 SHA-256 摘要的 base64url 编码：43 个字符。',
}
