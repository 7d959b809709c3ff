import { html } from 'htm/preact'
import { call } from './api.ts'
import { $, fill, put } from './dom.ts'
import { putTable } from './table.ts'
import { lang } from './texts.ts'
import type { Summary } from './types.ts'

type Bar = [label: string, ...values: number[]]

/** What the page has seen of a figure since it was opened. */
const seen: Record<string, Bar[]> = {}

export async function loadSummary(signal?: AbortSignal): Promise<void> {
  const summary = await call<Summary>('GET summary', undefined, signal)
  fill(summary, $('#summary'))
  const { sessions, mail, last24Hours } = summary
  for (const [name, value] of Object.entries({ live: sessions.live, waiting: mail.waiting })) {
    seen[name] = [...(seen[name] ?? []), ['', value] as Bar].slice(-24)
    plot(name, seen[name])
  }
  const hours = last24Hours.hours.map(({ at, signIns, failures }): Bar => {
    const hour = new Date(at).toLocaleTimeString(lang, { timeStyle: 'short' })
    return [hour, signIns, failures]
  })
  plot('bars', hours)
  putTable('#hours', (hour) => hour, hours)
}

/** Bars; the figures themselves stand beside them as text. */
function plot(place: string, bars: Bar[]): void {
  const top = Math.max(1, ...bars.flatMap(([, ...values]) => values))
  const drawn = [1, 2].map((which) => {
    const path = bars.map((bar, x) => {
      const height = (Number(bar[which] ?? 0) / top) * 60
      return `M${x * 10 + which * 4} 60v-${height}`
    })
    return html`<path class=${which > 1 && 'bad'} d=${path.join('')} />`
  })
  put(drawn, $(`#${place}`))
}
