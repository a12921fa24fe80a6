import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ContentCache, openContentCache } from "../../../src/compose/reuse/content-cache.ts";
import { describeProcessSources } from "../../../src/compose/reuse/describe-process.ts";
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

test("sources with too many files are an obstacle at once, a folder and a pattern, and none of them is read", async () => {
  const { folder, command } = setUp();
  mkdirSync(join(folder, "many/below"), { recursive: true });
  for (const name of ["a", "b", "below/c"]) writeFileSync(join(folder, "many", name), "");
  const content = { look: () => Promise.reject(new Error("it was read")) } as unknown as ContentCache;
  const read = async (source: string, maxFiles: number) => {
    const planned = command("a", { argv: ["sh"] }, [join(folder, source)]);
    const task = { ...commandTask(), argv: ["sh"], cwd: folder };
    return await describeProcessSources({ ...planned, task }, { dir: folder, content, maxFiles });
  };
  for (const source of ["many", "many/**"]) {
    const { obstacles, code } = await read(source, 3);
    expect([obstacles, code]).toEqual([[expect.stringContaining("`sources` has more than 3 files below")], {}]);
  }
  expect((await read("many", 5)).obstacles).toEqual([expect.stringContaining("it was read")]);
});
