import type { en } from './en.ts'

export const zhCN: typeof en = {
  site: 'Latchkey',
  nav: { label: '主导航', dashboard: '概览', notes: '笔记', houses: '房源', account: '账号' },
  menu: '菜单',
  welcome: {
    title: '您的专属空间，安心上锁',
    lead: '示例应用：仅您自己可见的笔记、附带照片的房源，以及不易被盗的账号。',
    points: [
      ['多种登录方式', '可使用密码、通行密钥、邮件验证码或外部账号登录。'],
      ['保持登录', '所有标签页共用一个会话，自动续期；退出登录时，所有标签页一同退出。'],
      ['尽在掌握', '账号中可查看每台设备和每次操作，不认识的设备可随时退出登录。'],
    ],
  },
  notFound: {
    title: '页面不存在',
    lead: '地址可能有误，或页面已被移动。',
    home: '返回首页',
  },
  footer: 'Latchkey 示例应用',
}
