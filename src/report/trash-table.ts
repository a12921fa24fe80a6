import { formatBytes } from "./duration.ts";
import { plain, type TextOptions } from "./spans.ts";
import { type Column, renderTable } from "./table.ts";

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

/** What `trash list` prints. */
export function renderTrash(entries: readonly TrashRow[], options: TextOptions): string[] {
  const rows = entries.map(({ id, run, time, reason, bytes }) => {
    return [
      plain(id),
      plain(run),
      plain(time.slice(0, 16).replace("T", " ")),
      plain(formatBytes(bytes)),
      plain(reason),
    ];
  });
  return rows.length > 0 ? renderTable(COLUMNS, rows, options) : ["the trash is empty"];
}
