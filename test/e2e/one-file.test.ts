import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { binPath, cliEnvironment, runCli } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";

describe("the commands in one file, and the others", () => {
  const folder = makeSuiteFolder();
  const dist = () => join(dirname(dirname(binPath())), "dist");
  const seen = join(folder, "seen.json");
  const read = join(folder, "read");
  const sumSizes = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + statSync(join(dist(), name)).size, 0);

  beforeAll(() => {
    const whole = pathToFileURL(join(dist(), "whole.js")).href;
    const workflow = `
      import { writeFileSync } from "node:fs";
      import * as library from "runweave";
      import * as program from ${JSON.stringify(whole)};
      const told = Object.entries(library).map(([name, value]) => [name, value === program[name]]);
      writeFileSync(${JSON.stringify(seen)}, JSON.stringify(Object.fromEntries(told)));
      export default library.defineWorkflow({ name: "typed", runs: { a: { command: ["true"] } } });`;
    writeFileSync(join(folder, "workflow.ts"), workflow);
    const hook = `
      import { appendFileSync } from "node:fs";
      import { registerHooks } from "node:module";
      registerHooks({
        load: (url, context, next) => {
          if (url.startsWith(${JSON.stringify(pathToFileURL(dist()).href)}))
            appendFileSync(${JSON.stringify(read)}, url.slice(url.lastIndexOf("/") + 1) + "\\n");
          return next(url, context);
        },
      });`;
    writeFileSync(join(folder, "hook.mjs"), hook);
  });

  test.each(["validate", "plan", "simulate", "lock", "run"])(
    "%s and the workflow in TypeScript that it reads have the same classes and functions",
    async (command) => {
      rmSync(seen, { force: true });
      const { exitCode, stderr } = await runCli([command, "workflow.ts"], { cwd: folder });
      expect([exitCode, stderr]).toEqual([0, expect.anything()]);
      const same = JSON.parse(readFileSync(seen, "utf8")) as Record<string, boolean>;
      expect(Object.keys(same)).toContain("WorkflowError");
      expect(Object.values(same).every(Boolean)).toBe(true);
    },
  );

  test.each([
    [["run", "workflow.ts"], true],
    [["plan", "workflow.ts"], true],
    [["--help"], false],
    [["sessions"], false],
    [["runs", "--json"], false],
  ])("%j reads the one file: %s", async (words, isWhole) => {
    rmSync(read, { force: true });
    const env = { NODE_OPTIONS: `--import ${pathToFileURL(join(folder, "hook.mjs")).href}` };
    expect(await runCli(words, { cwd: folder, env })).toMatchObject({ exitCode: 0 });
    const files = readFileSync(read, "utf8").trimEnd().split("\n");
    expect(files.includes("whole.js")).toBe(isWhole);
    // What the start shares with the pieces is small: what the bundler adds, and how a signal ends a command.
    const inPieces = files.filter((name) => !["start.js", "whole-program.js", "whole.js", "index.js"].includes(name));
    if (isWhole) expect(sumSizes(inPieces)).toBeLessThan(8_000);
    else expect(inPieces).toContain("cli.js");
  });

  test("the program in pieces leaves such a command to the one file", () => {
    const args = [join(dist(), "cli.js"), "validate", "workflow.ts"];
    const told = execFileSync(process.execPath, args, { cwd: folder, env: cliEnvironment(), encoding: "utf8" });
    expect(told).toContain("workflow.ts is valid");
  });
});
