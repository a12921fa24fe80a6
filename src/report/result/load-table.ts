import type { ReadVersion } from "../../core/port/registry.ts";
import { formatBytes } from "../text/duration.ts";
import { plain, type TextOptions } from "../text/spans.ts";
import { type Column, renderTable } from "../text/table.ts";

const COLUMNS: readonly Column[] = [
  { title: "LOADED", flexible: true },
  { title: "VERSION" },
  { title: "NODE", flexible: true, optional: true },
  { title: "SIZE", align: "right" },
  { title: "CONTENT" },
];
const UNKNOWN = "-";
/** `sha256:` and the first 12 digits tell contents apart; `--json` has them all. */
const HASH_SHOWN = "sha256:0123456789ab".length;

/** Renders the versions that a run loaded, one line per load, with the size at that moment. */
export function renderLoads(loads: readonly ReadVersion[], options: TextOptions): string[] {
  if (loads.length === 0) return ["no loads"];
  const rows = loads.map(({ dataset, version, node, bytes, hash }) => [
    plain(dataset),
    plain(version ?? UNKNOWN),
    plain(node ?? UNKNOWN),
    plain(bytes === null ? UNKNOWN : formatBytes(bytes)),
    plain(hash?.slice(0, HASH_SHOWN) ?? UNKNOWN),
  ]);
  return renderTable(COLUMNS, rows, options);
}
