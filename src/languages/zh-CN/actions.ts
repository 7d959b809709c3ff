import type { Texts } from '../en/texts.ts'

export const actions: Texts['actions'] = {
  fix_request: '请修改请求。相同的请求会再次失败。',
  login: '会话已结束：请重新登录。',
  refresh: '请刷新访问令牌，然后重试该请求。',
  step_up: '请再次验证身份。会话仍然有效。',
  retry: '请等待后重试该请求。会话仍然有效。',
  none: '无需操作：重试会得到相同的响应。会话仍然有效。',
}
