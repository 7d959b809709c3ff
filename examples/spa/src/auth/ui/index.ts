// What pages are made of. The application uses these parts, too.
export { useAction } from './action.ts'
export { Button, ButtonLink, IconButton } from './button.tsx'
export { ConfirmDialog, Dialog } from './dialog.tsx'
export {
  CheckField,
  CodeField,
  PasswordField,
  SelectField,
  TextAreaField,
  TextField,
} from './fields.tsx'
export { dropOldFlash, FlashRegion, flash } from './flash.tsx'
export { type Attempt, type Errors, type FormOptions, type FormState, useForm } from './form.ts'
export { Form, FormError } from './form-box.tsx'
export { useFormat } from './format.ts'
export { Icon, type IconName } from './icons.tsx'
export {
  chooseLanguage,
  currentLanguage,
  defineTexts,
  disguiseTexts,
  LANGUAGES,
  type Language,
  serverText,
  startLanguage,
  useLanguage,
} from './language.ts'
export { OfflineBanner, useOnline } from './offline.tsx'
export { nameSite, Page } from './page.tsx'
export { onSettled, settled } from './settled.ts'
export {
  Empty,
  Failed,
  isDeclined,
  type Load,
  Loaded,
  Loading,
  messageOf,
  Skeleton,
  useLoad,
} from './states.tsx'
export { createStore, type Store, useStore } from './store.ts'
export { LanguageSwitch, ThemeSwitch } from './switches.tsx'
export { uiTexts } from './texts.ts'
export { chooseTheme, startTheme, type Theme, useTheme } from './theme.ts'
