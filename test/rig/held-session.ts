import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startCli } from "./cli.ts";
import { MarkedProcesses } from "./marked-processes.ts";
import { showSession, writeCommands } from "./resumable.ts";
import type { Rig } from "./rig.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

/** A command that writes `text` to its output, and to `starts` each time that it is started. */
export const append = (text: string) => [
  "sh",
  "-c",
  `echo ${text} >> starts; echo ${text} > "$1"`,
  "sh",
  "${outputs.o.path}",
];

/** A workflow that is yet to be run: `held` starts after `before` and obeys the test, `after` reads what both made. */
export function prepareHeld(rig: Rig, name: string) {
  const folder = makeTemporaryFolder();
  const marked = new MarkedProcesses();
  const options = { cwd: folder, env: marked.environment };
  const file = writeCommands(folder, {
    before: { command: append("before"), outputs: ["o"] },
    held: { command: [...rig.command(name), "${outputs.o.path}"], outputs: ["o"], needs: ["before"] },
    after: {
      command: ["sh", "-c", 'cat "$1" "$2" > "$3"', "sh", "${inputs.a.path}", "${inputs.b.path}", "${outputs.o.path}"],
      consumes: { a: { run: "before", dataset: "o" }, b: { run: "held", dataset: "o" } },
      outputs: ["o"],
    },
  });
  const starts = () => readFileSync(join(folder, "starts"), "utf8");
  return { folder, file, options, marked, starts };
}

/** A session of it whose orchestrator was killed while `held` ran. */
export async function killWhileHeld(rig: Rig, name: string) {
  const prepared = prepareHeld(rig, name);
  const cli = startCli(["run", prepared.file, "--json"], prepared.options);
  const child = await rig.child(name);
  await cli.event("run.started");
  cli.signal("SIGKILL");
  await cli.result;
  const { session_id } = await showSession(prepared.options);
  return { ...prepared, child, session_id };
}

/** What a session of it saves when nothing interrupts it. */
export const HELD_OUTPUTS = { "before.o": "before\n", "held.o": "made\n", "after.o": "before\nmade\n" };
