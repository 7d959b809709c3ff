import { defineTexts } from '../ui/index.ts'
import { en } from './en.ts'
import { zhCN } from './zh-cn.ts'

/** The texts of the sign-in pages. */
export const authTexts = defineTexts({ en, 'zh-CN': zhCN })
