import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import { type CliOptions, parseLines, runCli, runJson } from "./cli.ts";

/** Writes a workflow of commands as JSON. Returns its path. */
export function writeCommands(folder: string, runs: object, header: object = {}): string {
  const file = join(folder, "workflow.json");
  writeFileSync(file, JSON.stringify({ ...header, runs }));
  return file;
}

/** `runweave resume --json`. */
export async function resume(options: CliOptions, ...args: string[]) {
  const { exitCode, stdout, stderr } = await runCli(["resume", ...args, "--json"], options);
  return { exitCode, stderr, events: parseLines(stdout) };
}

export async function showSession(options: CliOptions, id = "latest"): Promise<SessionRecord> {
  return (await runJson<SessionRecord>(["show", id], options)).value;
}

/** Every run with its status and the number of its last attempt. */
export function formatRuns({ runs }: SessionRecord): Record<string, string> {
  return Object.fromEntries(runs.map(({ run, status, attempt }) => [run, `${status} ${attempt}`]));
}

/** What each output holds, by run and dataset. */
export function readOutputs({ runs }: SessionRecord): Record<string, string> {
  const found = runs.flatMap(({ run, outputs }) =>
    Object.entries(outputs).map(([name, { location }]) => [`${run}.${name}`, readFileSync(location, "utf8")] as const),
  );
  return Object.fromEntries(found);
}

export function typesOf(events: readonly RunEvent[]): string[] {
  return events.map((event) => ("run" in event ? `${event.type} ${event.run}` : event.type));
}
