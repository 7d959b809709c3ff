import { html } from 'htm/preact'
import { call } from './api.ts'
import { $, fill, put } from './dom.ts'
import { table } from './table.ts'
import type { Summary } from './types.ts'

type Bar = [label: string, main: number, bad?: number]

/** What the page has seen of a figure since it was opened. */
const seen: Record<string, Bar[]> = {}
const timeOf = (at: string) => new Date(at).toLocaleTimeString([], { timeStyle: 'short' })

export async function loadSummary(signal?: AbortSignal): Promise<void> {
  const summary = await call<Summary>('GET summary', undefined, signal)
  fill(summary, $('#summary'))
  const { sessions, mail } = summary
  for (const [name, value] of Object.entries({ live: sessions.live, waiting: mail.waiting })) {
    seen[name] = [...(seen[name] ?? []), [timeOf(summary.at), value] as Bar].slice(-48)
    plot(name, seen[name])
  }
  const hours = summary.last24Hours.hours.map(
    (hour): Bar => [timeOf(hour.at), hour.signIns, hour.failures],
  )
  plot('bars', hours)
  put(table([['From', 'Sign-ins', 'Failures'], (hour) => hour], hours), $('#hours'))
}

/** Bars; the figures themselves stand beside them as text. */
function plot(place: string, bars: Bar[]): void {
  const top = Math.max(1, ...bars.flatMap(([, main, bad = 0]) => [main, bad]))
  const bar = (x: number, value = 0, kind = '') => {
    const height = (value / top) * 60
    return html`<rect class=${kind} x=${x} y=${60 - height} width="4" height=${height} />`
  }
  put(
    html`<svg viewBox="0 0 ${Math.max(24, bars.length) * 10} 60" preserveAspectRatio="none" aria-hidden="true">${bars.map(
      ([label, main, bad], index) =>
        html`<g><title>${label}: ${main} ${bad}</title>${bar(index * 10 + 1, main)}${bar(index * 10 + 5, bad, 'bad')}</g>`,
    )}</svg>`,
    $(`#${place}`),
  )
}
