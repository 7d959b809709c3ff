import type { en } from './en.ts'

export const zhCN: typeof en = {
  site: 'Latchkey',
  nav: { label: '主导航', dashboard: '概览', notes: '笔记', houses: '房屋', account: '账号' },
  menu: '菜单',
  welcome: {
    title: '您的专属空间，一把好锁',
    lead: '示例应用：仅您可见的笔记与房屋，以及难以被盗的账号。',
    points: [
      ['登录方式任选', '密码、通行密钥、邮件验证码，或您在其他平台的账号。'],
      ['保持登录', '各标签页共用一个会话，自动续期；退出后所有标签页同时退出。'],
      ['一切尽在掌握', '每台设备、每次操作都可在账号中查看，并可随时将其下线。'],
    ],
  },
  notFound: {
    title: '页面不存在',
    lead: '地址可能有误，或页面已被移动。',
    home: '返回首页',
  },
  footer: 'Latchkey 示例应用',
}
