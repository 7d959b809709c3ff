import { codeOf } from './totp.js'

if (usesApp) store.set('appCode', codeOf(store.get('appSecret')))
