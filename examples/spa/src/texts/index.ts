import { defineTexts } from '../auth/index.ts'
import { en } from './en.ts'
import { zhCN } from './zh-cn.ts'

/** The texts of the application itself; those of `auth/` are its own. */
export const texts = defineTexts({ en, 'zh-CN': zhCN })
