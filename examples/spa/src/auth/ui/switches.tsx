import { Icon } from './icons.tsx'
import { chooseLanguage, LANGUAGES, type Language, useLanguage } from './language.ts'
import { uiTexts } from './texts.ts'
import { chooseTheme, THEMES, type Theme, useTheme } from './theme.ts'

/** Each language by its own name, so that everybody finds it. */
export function LanguageSwitch() {
  const texts = uiTexts.use()
  const language = useLanguage()
  return (
    <label class="switch">
      <Icon name="globe" />
      <span class="visually-hidden">{texts.language}</span>
      <select
        value={language}
        onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}
      >
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag} translate={false}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

const ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const

export function ThemeSwitch() {
  const texts = uiTexts.use()
  const theme = useTheme()
  return (
    <label class="switch">
      <Icon name={ICONS[theme]} />
      <span class="visually-hidden">{texts.theme}</span>
      <select value={theme} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {texts.themes[name]}
          </option>
        ))}
      </select>
    </label>
  )
}
