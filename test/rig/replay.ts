import type { Comparison } from "../../src/compose/compare-runs.ts";
import type { ReplayPreview } from "../../src/core/answer/replay.ts";
import type { RunEvent } from "../../src/core/event/event.ts";
import { type CliOptions, parseLines, runCli, runJson } from "./cli.ts";

/** `runweave replay --json`: how it ended, its last line, and the comparison with what is replayed. */
export async function replay(args: string[], options: CliOptions) {
  const { exitCode, stdout, stderr } = await runCli(["replay", ...args, "--json"], options);
  const lines = parseLines(stdout) as (RunEvent | ({ type: "replay.compared" } & Comparison) | { type: "error" })[];
  const compared = lines.find((line) => line.type === "replay.compared") as Comparison | undefined;
  return { exitCode, stderr, compared, last: lines.at(-1) };
}

/** `numbers` for what is executed, `page link` for what is not. */
export async function foretell(args: string[], options: CliOptions): Promise<string[]> {
  const { value } = await runJson<ReplayPreview>(["replay", ...args, "--dry-run"], options);
  return value.runs.map(({ run, action }) => (action === "run" ? run : `${run} ${action}`));
}
