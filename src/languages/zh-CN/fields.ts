import type { Texts } from '../en/texts.ts'

type JsonType = keyof typeof types

const types = {
  string: '字符串',
  object: 'JSON 对象',
  array: '数组',
  number: '数字',
  integer: '整数',
  boolean: 'true 或 false',
  null: 'null',
}

export const fields: Texts['fields'] = {
  required: '此字段为必填项。',
  unknown: '未知字段。',
  noMeaning: '此字段在这里没有意义。',
  oneRequired: '至少需要一个字段。',
  bodyRequired: '此请求需要 JSON 请求体。',
  noBody: '此请求不能包含请求体。',
  invalid: '值无效。',
  format: '值的格式不符合要求。',
  formatOf: (format) => `值不是有效的 ${format}。`,
  characters: '值包含不允许的字符。',
  type: (names) =>
    spaced(`值必须是${names.map((name) => types[name as JsonType] ?? name).join('或')}。`),
  minLength: (limit) => `至少需要 ${limit} 个字符。`,
  maxLength: (limit) => `最多 ${limit} 个字符。`,
  minItems: (limit) => `至少需要 ${limit} 项。`,
  maxItems: (limit) => `最多 ${limit} 项。`,
  minimum: (limit) => `值不能小于 ${limit}。`,
  maximum: (limit) => `值不能大于 ${limit}。`,
  mustBe: (value) => `值必须是 ${value}。`,
  oneOf: (values, meant) =>
    `${meant === undefined ? '' : `您是指 ${meant} 吗？`}值必须是下列之一：${values.join('、')}。`,

  email: '邮箱地址无效。',
  usernameOrEmail: '请发送用户名或邮箱地址。',
  notBoth: '用户名和邮箱地址只能发送其一。',
  pageOrCursor: 'page 和 cursor 只能发送其一。',
  foreignCursor: '该游标不属于此列表：请使用生成它时的排序和筛选条件。',
  currentPasswordForName: '更改邮箱地址或用户名需要当前密码。',
  wrongPassword: '这不是该账号的密码。',
  returnToNotListed:
    '该地址不在 RETURN_URLS 中；未设置时为 PUBLIC_URL 和 CORS_ORIGINS，各以斜杠结尾。',
  unknownProvider: '该提供商不在 GET /providers 之中。',
  unknownMethod: '此验证不支持该方式。',
  noInvitations: '本服务器不发送邮件，因此无法邀请；请发送密码。',
  fileRequired: '表单必须包含名为 file 的部分。',
  onlyFile: '表单只能包含一个部分，名为 file。',
  brokenImage: '图片已损坏或不完整。',
  tooManyPixels: (megapixels, side) => `图片最大 ${megapixels} 百万像素，每边最多 ${side} 像素。`,

  passwordTooShort: (least) => `密码至少需要 ${least} 个字符。`,
  passwordTooLong: (most) => `密码最多 ${most} 个字符。`,
  passwordTooCommon: '该密码过于常见，攻击者会首先尝试。',
  passwordHasUsername: '密码不能包含用户名。',
  passwordHasEmail: '密码不能包含邮箱地址 @ 之前的部分。',
  passwordBreached: '该密码出现在数据泄露的密码库中，请更换。',
  passwordUnchanged: '新密码不能与当前密码相同。',
  passwordsDiffer: '两次输入的密码不一致。',
}

/** A space between Chinese and Latin words. */
function spaced(text: string): string {
  return text.replaceAll(/(?<=\p{sc=Han})(?=[a-z])|(?<=[a-z])(?=\p{sc=Han})/giu, ' ')
}
