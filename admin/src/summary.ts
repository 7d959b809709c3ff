import { html } from 'htm/preact'
import { call } from './api.ts'
import { $, fill, put } from './dom.ts'
import { table } from './table.ts'
import type { Summary } from './types.ts'

const HIGH = 60
const KEPT = 48

type Bar = [label: string, main: number, bad?: number]

/** What the page has seen of a figure since it was opened. */
const seen: Record<string, Bar[]> = {}
const timeOf = (at: string) => new Date(at).toLocaleTimeString([], { timeStyle: 'short' })

export async function loadSummary(signal: AbortSignal): Promise<void> {
  const summary = await call<Summary>('GET summary', signal)
  fill(summary, $('#summary'))
  for (const [name, value] of [
    ['live', summary.sessions.live],
    ['waiting', summary.mail.waiting],
  ] as const) {
    seen[name] = [...(seen[name] ?? []), [timeOf(summary.at), value] as Bar].slice(-KEPT)
    plot(name, seen[name])
  }
  const hours = summary.last24Hours.hours.map((hour): Bar => [timeOf(hour.at), hour.signIns, hour.failures])
  plot('bars', hours)
  put(table([['From', 'Sign-ins', 'Failures'], (hour) => hour], hours), $('#hours'))
}

/** Bars; the figures themselves stand beside them as text. */
function plot(place: string, bars: Bar[]): void {
  const top = Math.max(1, ...bars.flatMap(([, main, bad = 0]) => [main, bad]))
  const bar = (x: number, value = 0, kind = '') => {
    const height = (value / top) * HIGH
    return html`<rect class=${kind} x=${x} y=${HIGH - height} width="4" height=${height} />`
  }
  put(
    html`<svg viewBox="0 0 ${bars.length * 10} ${HIGH}" preserveAspectRatio="none" aria-hidden="true">${bars.map(
      ([label, main, bad], index) =>
        html`<g><title>${label}: ${main} ${bad}</title>${bar(index * 10 + 1, main)}${bar(index * 10 + 5, bad, 'bad')}</g>`,
    )}</svg>`,
    $(`#${place}`),
  )
}
