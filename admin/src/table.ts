import { html } from 'htm/preact'

export type Columns<Item> = [heads: string[], cellsOf: (item: Item) => unknown[]]

/** A table that becomes cards on a narrow screen, each value with its head before it. */
export const table = <Item>([heads, cellsOf]: Columns<Item>, items: Item[]) =>
  items[0]
    ? html`<table>
        <thead><tr>${heads.map((head) => html`<th>${head}</th>`)}</tr></thead>
        <tbody>${items.map(
          (item) =>
            html`<tr key=${(item as { id?: string }).id}>${cellsOf(item).map(
              (cell, index) => html`<td data-head=${heads[index]}>${cell}</td>`,
            )}</tr>`,
        )}</tbody>
      </table>`
    : html`<p class="empty">Nothing here.</p>`
