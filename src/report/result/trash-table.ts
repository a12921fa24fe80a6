import { formatLocalTime, showLocalTimes } from "../../core/text/local-time.ts";
import { formatBytes } from "../text/duration.ts";
import { plain, type TextOptions } from "../text/spans.ts";
import { type Column, renderTable } from "../text/table.ts";

/** An entry of the trash, as a list shows it. */
export interface TrashRow {
  id: string;
  run: string;
  time: string;
  reason: string;
  bytes: number | null;
}

const COLUMNS: readonly Column[] = [
  { title: "ID" },
  { title: "RUN", flexible: true },
  { title: "WHEN" },
  { title: "SIZE", align: "right" },
  { title: "WHY", flexible: true },
];

/** Renders `trash list`. */
export function renderTrash(entries: readonly TrashRow[], options: TextOptions): string[] {
  const rows = entries.map(({ id, run, time, reason, bytes }) => {
    return [
      plain(id),
      plain(run),
      plain(formatLocalTime(time).slice(0, "2026-11-24 05:01".length)),
      plain(formatBytes(bytes)),
      plain(showLocalTimes(reason)),
    ];
  });
  return rows.length > 0 ? renderTable(COLUMNS, rows, options) : ["the trash is empty"];
}
