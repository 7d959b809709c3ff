import { defineTexts } from '../auth/index.ts'

const en = {
  save: 'Save',
  cancel: 'Cancel',
  edit: 'Edit',
  delete: 'Delete',
  firstPage: 'First page',
  nextPage: 'Next page',
  pages: 'Pages',
  changed: (when: string) => `Changed ${when}`,
  created: (when: string) => `Created ${when}`,
  conflict: {
    title: 'Somebody changed this in the meantime',
    lead: 'Nothing of what you typed is lost. Compare the two, and choose.',
    field: 'Field',
    mine: 'Yours',
    theirs: 'As it is now',
    keepMine: 'Keep mine',
    takeTheirs: 'Take the other',
    nothing: '(empty)',
  },
  deleteConflict: 'It was changed in the meantime. Look at it again before you delete it.',
  restored: {
    text: 'You typed this earlier, and did not save it.',
    discard: 'Discard it',
  },
}

const zhCN: typeof en = {
  save: '保存',
  cancel: '取消',
  edit: '编辑',
  delete: '删除',
  firstPage: '第一页',
  nextPage: '下一页',
  pages: '分页',
  changed: (when) => `更新于 ${when}`,
  created: (when) => `创建于 ${when}`,
  conflict: {
    title: '内容已在别处被修改',
    lead: '您输入的内容没有丢失。请对比两个版本后选择保留哪一个。',
    field: '字段',
    mine: '我的版本',
    theirs: '当前版本',
    keepMine: '保留我的版本',
    takeTheirs: '使用当前版本',
    nothing: '（空）',
  },
  deleteConflict: '内容刚刚被修改过，请确认后再删除。',
  restored: {
    text: '已恢复您之前未保存的内容。',
    discard: '放弃这些内容',
  },
}

/** What notes and houses have in common. */
export const resourceTexts = defineTexts({ en, 'zh-CN': zhCN })
