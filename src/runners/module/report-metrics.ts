import type { JsonObject } from "../../core/run.ts";
import { writeFileWhole } from "../../versions/write-file.ts";

/** Keeps metrics in the file at `path`, whole at any moment: what is said later is added to what was said before. */
export function createMetricsReporter(path: string | null): (metrics: JsonObject) => void {
  const known: JsonObject = {};
  return (metrics) => {
    Object.assign(known, metrics);
    if (path === null) return;
    writeFileWhole(path, JSON.stringify(known));
  };
}
