import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { RunEvent } from "../../src/core/event/event.ts";
import type { SessionRecord } from "../../src/core/run.ts";
import { runCli, runEvents } from "../rig/cli.ts";
import { readOutputs, showSession, writeCommands } from "../rig/resumable.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

const folder = makeSuiteFolder();
const options = { cwd: folder, env: { RUNWEAVE_REGISTRY: join(folder, ".runweave") } };

/** A workflow of the name that all have unless they say another, in a project of its own. */
function writeProject(name: string): string {
  mkdirSync(join(folder, name));
  const say = (text: string) => ["sh", "-c", `printf ${text} > "$1"`, "sh", "${outputs.it.path}"];
  return writeCommands(join(folder, name), {
    make: { command: say(name), outputs: ["it"], cache: "on" },
    use: {
      command: ["cp", "${inputs.it.path}", "${outputs.copy.path}"],
      consumes: { it: "make" },
      outputs: ["copy"],
    },
  });
}

/** The sessions of both, the newest of the second. */
let sessions: { file: string; session: SessionRecord; events: RunEvent[] }[] = [];
beforeAll(async () => {
  for (const file of [writeProject("p"), writeProject("q")]) {
    const { exitCode, events } = await runEvents(file, options);
    expect(exitCode).toBe(0);
    sessions = [...sessions, { file, events, session: await showSession(options) }];
  }
});

test("why a run is not reused is told by what the same project has done before", () => {
  const reasons = sessions.map(({ events }) => {
    const resolved = events.find((event) => event.type === "run.resolved" && event.run === "make");
    return resolved?.type === "run.resolved" ? resolved.cache?.reason : null;
  });
  expect(reasons).toEqual(sessions.map(() => "new: nothing to reuse"));
});

test("gc keeps the last of each project apart", async () => {
  expect((await runCli(["gc", "--keep-last", "1", "--yes"], options)).exitCode).toBe(0);
  const outputs = sessions.map(({ session }) => readOutputs(session));
  expect(outputs).toEqual([
    { "make.it": "p", "use.copy": "p" },
    { "make.it": "q", "use.copy": "q" },
  ]);
});

test("`run --only` goes on with what the same project has made, though another one has run since", async () => {
  const [p] = sessions;
  expect((await runCli(["run", p?.file ?? "", "--only", "use"], options)).exitCode).toBe(0);
  expect(readOutputs(await showSession(options))).toEqual({ "use.copy": "p" });
});
