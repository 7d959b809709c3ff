import { swapPasswords } from './passwords.js'

if (pm.response.code === 200 && setsPassword) swapPasswords()
