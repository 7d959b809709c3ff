import type { AdminPage } from './en/admin-page.ts'
import { adminPage as en } from './en/admin-page.ts'
import type { Language } from './languages.ts'
import { adminPage as zhCN } from './zh-CN/admin-page.ts'

/** The texts of the page at `/admin` in each language, for its build alone. */
export const adminPages: Record<Language, AdminPage> = { en, 'zh-CN': zhCN }
