import type { en } from './en.ts'

export const zhCN: typeof en = {
  noServerTitle: '无法连接服务器',
  signIn: '登录',
  signOut: '退出登录',
  register: '注册账号',
  username: '用户名',
  usernameOrEmail: '用户名或邮箱',
  password: '密码',
}
