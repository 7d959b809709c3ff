import { html } from 'htm/preact'
import { $, put } from './dom.ts'

export type Cells<Item> = (item: Item) => unknown[]

/**
 * Puts a table in its place, which becomes cards on a narrow screen, each value with its head
 * before it. Without items it is none, and what stands after the place says so.
 */
export function putTable<Item>(selector: string, cellsOf: Cells<Item>, items: Item[]): void {
  const place = $(selector)
  const heads = place.dataset.heads?.split(',') as string[]
  put(
    items[0] &&
      html`<table>
        <thead><tr>${heads.map((head) => html`<th>${head}</th>`)}</tr></thead>
        <tbody>${items.map(
          (item) =>
            html`<tr key=${(item as { id?: string }).id}>${cellsOf(item).map(
              (cell, index) => html`<td data-head=${heads[index]}>${cell}</td>`,
            )}</tr>`,
        )}</tbody>
      </table>`,
    place,
  )
}
