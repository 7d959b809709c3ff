import { defineTexts } from '../../ui/index.ts'
import { en } from './en.ts'
import { zhCN } from './zh-cn.ts'

/** The texts of the account pages. */
export const accountTexts = defineTexts({ en, 'zh-CN': zhCN })
