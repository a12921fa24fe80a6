import type { Page, PageRequest } from "../core/port/registry-lists.ts";

const ITEMS_AT_ONCE = 250;

/** Reads a list page by page, up to `limit` items of it; a place in the list is all that is kept between two pages. */
export function* listPages<T>(read: (page: PageRequest) => Page<T>, limit = Infinity): Generator<T[]> {
  let after: string | null = null;
  let left = limit;
  while (left > 0) {
    const page: Page<T> = read({ after, limit: Math.min(ITEMS_AT_ONCE, left) });
    if (page.items.length > 0) yield page.items;
    if (page.next === null) return;
    after = page.next;
    left -= page.items.length;
  }
}
