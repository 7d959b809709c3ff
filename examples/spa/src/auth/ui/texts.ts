import { defineTexts } from './language.ts'

const en = {
  tryAgain: 'Try again',
  loading: 'Loading …',
  cancel: 'Cancel',
  close: 'Close',
  optional: '(optional)',
  required: 'Please fill in this field.',
  showPassword: 'Show password',
  hidePassword: 'Hide password',
  skipToContent: 'Skip to content',
  failedTitle: 'That did not work',
  noAnswer: 'The server gave no answer. Check your connection, and try again.',
  noAnswerSent:
    'The server gave no answer. Check your connection, then send it again: nothing is done twice.',
  offline: 'You are offline. What you typed stays here.',
  backOnline: 'You are back online.',
  language: 'Language',
  theme: 'Theme',
  themes: { system: 'System', light: 'Light', dark: 'Dark' },
}

const zhCN: typeof en = {
  tryAgain: '重试',
  loading: '正在加载…',
  cancel: '取消',
  close: '关闭',
  optional: '（选填）',
  required: '此项为必填项。',
  showPassword: '显示密码',
  hidePassword: '隐藏密码',
  skipToContent: '跳到主要内容',
  failedTitle: '出错了',
  noAnswer: '服务器没有响应，请检查网络后重试。',
  noAnswerSent: '服务器没有响应。请检查网络后重新提交，不会重复执行。',
  offline: '网络已断开，已输入的内容会保留。',
  backOnline: '网络已恢复。',
  language: '语言',
  theme: '主题',
  themes: { system: '跟随系统', light: '浅色', dark: '深色' },
}

/** The texts of the parts that every page is made of. */
export const uiTexts = defineTexts({ en, 'zh-CN': zhCN })
