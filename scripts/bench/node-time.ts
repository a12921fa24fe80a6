import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { registriesOf } from "./runweave-command.ts";
import { median } from "./time-commands.ts";

/** The median over a workflow's Kedro runs of what their nodes took, loading and saving included, in milliseconds. */
export function readNodeTime(workflowFile: string): number {
  const manifests = globSync(path.join(registriesOf(workflowFile), "*", ".runweave", "attempts", "*", "manifest"));
  const times = manifests.map((file) => {
    const { node_durations_ms: durations }: { node_durations_ms: Record<string, number> } = JSON.parse(
      readFileSync(file, "utf8"),
    );
    return Object.values(durations).reduce((sum, ms) => sum + ms, 0);
  });
  if (times.length === 0)
    throw new Error(`no manifests beside ${workflowFile}: the layout of the registry has changed`);
  return median(times);
}
