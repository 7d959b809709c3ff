import { LanguageSwitch, ThemeSwitch } from '../auth/index.ts'
import { texts } from '../texts/index.ts'

export function Footer() {
  const { footer } = texts.use()
  return (
    <footer class="footer">
      <p class="small">{footer}</p>
      <div class="row">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </footer>
  )
}
