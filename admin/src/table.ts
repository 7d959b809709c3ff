import { html } from 'htm/preact'

export type Columns<Item> = [heads: string[], cellsOf: (item: Item) => unknown[]]

/** A table that becomes cards on a narrow screen; the roles are for browsers that then forget it. */
export const table = <Item>([heads, cellsOf]: Columns<Item>, items: Item[]) =>
  items[0]
    ? html`<table role="table">
        <thead role="rowgroup"><tr role="row">${heads.map((head) => html`<th role="columnheader">${head}</th>`)}</tr></thead>
        <tbody role="rowgroup">${items.map(
          (item) =>
            html`<tr role="row" key=${(item as { id?: string }).id}>${cellsOf(item).map(
              (cell, index) => html`<td role="cell" data-head=${heads[index]}>${cell}</td>`,
            )}</tr>`,
        )}</tbody>
      </table>`
    : html`<p class="empty">Nothing here.</p>`
