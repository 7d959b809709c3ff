import type { Texts } from '../en/texts.ts'

export const problemsPage: Texts['problemsPage'] = {
  title: '错误列表',
  code: '代码',
  status: '状态码',
  action: '客户端应采取的操作',
  colon: '：',
  all: '所有错误',
}
