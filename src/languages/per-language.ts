import type { Language } from './languages.ts'

/** Makes something of each language at its first use, and keeps it. */
export function perLanguage<Made>(
  make: (language: Language) => Made,
): (language: Language) => Made {
  const kept = new Map<Language, Made>()
  return (language) => {
    const made = kept.get(language) ?? make(language)
    kept.set(language, made)
    return made
  }
}
