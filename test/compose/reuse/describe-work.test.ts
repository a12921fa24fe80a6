import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openContentCache } from "../../../src/compose/reuse/content-cache.ts";
import { describeWork } from "../../../src/compose/reuse/describe-work.ts";
import type { CommandTask } from "../../../src/core/port/runner.ts";
import type { PlannedRun } from "../../../src/plan/plan.ts";
import { makeCommand } from "../../rig/make-definition.ts";
import { commandTask, plannedRun } from "../../rig/plans.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

function setUp() {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "script.sh"), "echo 1\n");
  writeFileSync(join(folder, "other.sh"), "echo 2\n");
  const digested: string[] = [];
  const describe = (runs: PlannedRun[]) =>
    describeWork(runs, {
      facts: new Map(),
      choice: { mode: "on" },
      dir: folder,
      environment: { PATH: process.env.PATH, SEED: "7" },
      content: openContentCache(join(folder, "content.json"), Date.now),
      digest: (text) => {
        digested.push(text);
        return `digest of ${text}`;
      },
    });
  const command = (name: string, over: Partial<CommandTask> = {}, sources: string[] = []) => {
    const definition = makeCommand(name, { cwd: folder, cache: "on", sources });
    const task = { ...commandTask(), argv: ["sh", "script.sh"], cwd: folder, environment: { SEED: "${env:SEED}" } };
    return plannedRun(name, { definition, task: { ...task, ...over } });
  };
  return { folder, describe, command, digested };
}

test("commands that are equal are described once", async () => {
  const { describe, command, digested } = setUp();
  const [a, b, c] = await describe([command("a"), command("b"), command("c")]);
  expect(a?.work).toMatchObject({ parts: { code: { "script.sh": expect.stringMatching(/^sha256:/) } }, obstacles: [] });
  expect([b?.work, c?.work]).toEqual([a?.work, a?.work]);
  expect(digested).toEqual(["7"]);
});

test("commands that differ in anything are described apart", async () => {
  const { folder, describe, command } = setUp();
  const runs = [
    command("plain"),
    command("words", { argv: ["sh", "other.sh"] }),
    command("shell", { argv: ["./script.sh"], shell: true }),
    command("variables", { environment: { SEED: "8" } }),
    command("outputs", { outputs: { o: { path: null } } as CommandTask["outputs"] }),
    command("sources", {}, [join(folder, "other.sh")]),
    command("folder", { cwd: "/", argv: ["sh", join(folder, "script.sh")] }),
  ];
  const described = await describe(runs);
  expect(new Set(described.map(({ work }) => JSON.stringify(work))).size).toBe(runs.length);
});
