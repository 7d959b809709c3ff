import { defineTexts } from '../auth/index.ts'

const en = {
  title: 'Notes',
  lead: 'Only you can see them.',
  all: 'All notes',
  add: 'New note',
  edit: 'Edit note',
  created: 'The note is saved.',
  saved: 'Your changes are saved.',
  deleted: 'The note is deleted.',
  empty: 'You have no notes yet',
  emptyLead: 'Write down what you must not forget.',
  fields: { title: 'Title', body: 'Text', tags: 'Tags' },
  tagsHint: 'Up to ten words, with commas between them.',
  deleteTitle: 'Delete this note?',
  deleteLead: 'You cannot get it back.',
}

const zhCN: typeof en = {
  title: '笔记',
  lead: '仅自己可见。',
  all: '全部笔记',
  add: '新建笔记',
  edit: '编辑笔记',
  created: '笔记已保存。',
  saved: '修改已保存。',
  deleted: '笔记已删除。',
  empty: '还没有笔记',
  emptyLead: '把重要的事记下来吧。',
  fields: { title: '标题', body: '正文', tags: '标签' },
  tagsHint: '最多十个，用逗号分隔。',
  deleteTitle: '删除这条笔记？',
  deleteLead: '删除后无法恢复。',
}

export const noteTexts = defineTexts({ en, 'zh-CN': zhCN })
