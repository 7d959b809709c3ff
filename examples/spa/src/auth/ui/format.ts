import { useLanguage } from './language.ts'

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** Times, numbers and sizes, as people of the chosen language write them. */
export function useFormat() {
  const language = useLanguage()
  const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
  const times = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const numbers = new Intl.NumberFormat(language)
  const spans = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })

  return {
    date: (iso: string) => dates.format(new Date(iso)),
    dateTime: (iso: string) => times.format(new Date(iso)),
    number: (value: number) => numbers.format(value),
    /** `3 minutes ago`; older than a month, the date. */
    ago(iso: string, now = Date.now()): string {
      const seconds = (new Date(iso).getTime() - now) / 1000
      if (Math.abs(seconds) > 30 * 86_400) return dates.format(new Date(iso))
      const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? [
        'second',
        1,
      ]
      return spans.format(length === 1 ? 0 : Math.round(seconds / length), unit)
    },
    size(bytes: number): string {
      const unit = bytes < 1_000_000 ? 'kilobyte' : 'megabyte'
      const value = bytes / (unit === 'kilobyte' ? 1000 : 1_000_000)
      const options = { style: 'unit', unit, maximumFractionDigits: 1 } as const
      return new Intl.NumberFormat(language, options).format(value)
    },
  }
}
