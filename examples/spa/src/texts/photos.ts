import { defineTexts } from '../auth/index.ts'

const en = {
  title: 'Photos',
  add: 'Add photos',
  dropHint: 'Or drop them here: JPEG, PNG or WebP, up to 5 MB each.',
  none: 'There are no photos yet',
  alt: (number: number, count: number, house: string) => `Photo ${number} of ${count}: ${house}`,
  open: (number: number) => `Show photo ${number} in full`,
  delete: (number: number) => `Delete photo ${number}`,
  deleteTitle: 'Delete this photo?',
  deleteLead: 'This cannot be undone.',
  deleted: 'The photo is deleted.',
  added: (count: number) => (count === 1 ? 'One photo is added.' : `${count} photos are added.`),
  uploads: 'Uploads',
  waiting: 'Waiting',
  sent: (percent: number) => `${percent} % sent`,
  checking: 'The server looks at it …',
  cancel: (name: string) => `Cancel ${name}`,
  again: 'Try again',
  tooLarge: 'It is larger than 5 MB.',
  noAnswer: 'No answer came. Look whether the photo is here before you send it again.',
  notShown: 'It cannot be shown.',
}

const zhCN: typeof en = {
  title: '照片',
  add: '添加照片',
  dropHint: '也可以拖放到此处。支持 JPEG、PNG 和 WebP，每张不超过 5 MB。',
  none: '还没有照片',
  alt: (number, count, house) => `${house}的照片，第 ${number} 张，共 ${count} 张`,
  open: (number) => `查看第 ${number} 张照片的大图`,
  delete: (number) => `删除第 ${number} 张照片`,
  deleteTitle: '删除这张照片？',
  deleteLead: '删除后无法恢复。',
  deleted: '照片已删除。',
  added: (count) => `已添加 ${count} 张照片。`,
  uploads: '上传列表',
  waiting: '等待上传',
  sent: (percent) => `已上传 ${percent}%`,
  checking: '服务器正在处理…',
  cancel: (name) => `取消上传 ${name}`,
  again: '重试',
  tooLarge: '文件超过 5 MB。',
  noAnswer: '服务器没有响应。重新上传前，请先确认照片是否已经上传成功。',
  notShown: '无法显示。',
}

export const photoTexts = defineTexts({ en, 'zh-CN': zhCN })
