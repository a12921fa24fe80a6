import { renameSync, writeFileSync } from "node:fs";
import type { JsonObject } from "../../core/run.ts";

/** Keeps metrics in the file at `path`, whole at any moment: what is said later is added to what was said before. */
export function createMetricsReporter(path: string | null): (metrics: JsonObject) => void {
  const known: JsonObject = {};
  return (metrics) => {
    Object.assign(known, metrics);
    if (path === null) return;
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(known), { mode: 0o600 });
    renameSync(draft, path);
  };
}
