import { defineTexts } from '../auth/index.ts'

const en = {
  title: 'Dashboard',
  facts: {
    notes: 'Notes',
    houses: 'Houses',
    sessions: 'Devices signed in',
  },
  latest: 'Your latest notes',
  allNotes: 'All notes',
  noNotes: 'You have no notes yet',
  writeOne: 'Write the first one',
  account: 'Your account',
  address: 'E-mail address',
  verified: 'verified',
  unverified: 'not verified',
  secondFactor: 'Second factor',
  on: 'on',
  off: 'off',
  since: 'Member since',
  toAccount: 'To your account',
  toDo: {
    protect: 'Add a passkey or an authenticator app: a stolen password is then not enough.',
    go: 'Protect your account',
  },
}

const zhCN: typeof en = {
  title: '概览',
  facts: { notes: '笔记', houses: '房源', sessions: '已登录设备' },
  latest: '最近的笔记',
  allNotes: '查看全部笔记',
  noNotes: '还没有笔记',
  writeOne: '写下第一条笔记',
  account: '您的账号',
  address: '邮箱',
  verified: '已验证',
  unverified: '未验证',
  secondFactor: '双重验证',
  on: '已开启',
  off: '未开启',
  since: '注册时间',
  toAccount: '查看账号设置',
  toDo: {
    protect: '添加通行密钥或验证器应用，即使密码泄露，他人也无法登录。',
    go: '保护账号',
  },
}

export const dashboardTexts = defineTexts({ en, 'zh-CN': zhCN })
