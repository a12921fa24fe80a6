import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { binPath, runCli } from "../rig/cli.ts";
import { makeSuiteFolder } from "../rig/suite-folder.ts";
import { writeFiles } from "../rig/toy-project.ts";

const folder = makeSuiteFolder();
const bin = join(folder, "bin");

beforeAll(() => {
  mkdirSync(bin);
  writeFileSync(join(bin, "runweave"), `#!/bin/sh\nexec "${process.execPath}" "${binPath()}" "$@"\n`);
  chmodSync(join(bin, "runweave"), 0o755);
});

interface Scenario {
  flow: unknown;
  files?: Record<string, string>;
  /** After `runweave`; default: `run flow.json`. */
  args?: string[];
  /** Below the scenario's folder, where everything is typed. */
  cwd?: string;
  /** What is to be among the proposals, as patterns. */
  proposed: RegExp[];
}

const fail = ["sh", "-c", "exit 3"];
const make = { command: ["sh", "-c", 'echo 1 > "$0"', "${outputs.n.path}"], outputs: ["n"] };
const use = { consumes: { n: "make" }, command: fail };
const RESUME = /^runweave resume \S+$/;

const SCENARIOS: Record<string, Scenario> = {
  "a success": { flow: { runs: { make } }, proposed: [/^runweave lineage/, /^runweave logs/, /^runweave show/] },
  "a failed run": { flow: { runs: { make, use } }, proposed: [RESUME, /run \S+ --only use --from \S+$/] },
  "a failed arm with an odd value": {
    flow: { runs: { make, use: { ...use, matrix: { k: ["it's $HOME", "b c"] } } }, on_failure: "continue" },
    proposed: [RESUME, /--only 'use\[k=/],
  },
  "a change by --set": {
    flow: { runs: { make, use } },
    args: ["run", "flow.json", "--set", "use.environment.A=1"],
    proposed: [/--only use .*--set use\.environment\.A=1/],
  },
  "data of another run that were changed before it began": {
    flow: {
      runs: {
        make,
        spoil: { consumes: { n: "make" }, command: ["sh", "-c", 'echo 2 >> "$0"', "${inputs.n.path}"] },
        use: { ...use, needs: "spoil" },
      },
    },
    proposed: [RESUME, /^runweave run \S+ spoil$/],
  },
  "a file that was changed before it was read": {
    flow: {
      runs: {
        edit: { command: ["sh", "-c", "echo 2 >> in.txt"] },
        use: { needs: "edit", consumes: { t: { file: "in.txt" } }, command: ["true"] },
      },
    },
    files: { "in.txt": "1\n" },
    proposed: [RESUME, /^runweave run \S+ use$/],
  },
  "a registry elsewhere": {
    flow: { runs: { make, use } },
    args: ["run", "flow.json", "--registry", "my state"],
    proposed: [/^runweave resume \S+ --registry '.*my state/, /--only use .*--registry '/],
  },
  "a workflow in a folder above": {
    flow: { runs: { make, use } },
    args: ["run", "../flow.json"],
    cwd: "below",
    proposed: [RESUME, /--only use/],
  },
  "one run alone": {
    flow: { runs: { make, use: { ...use, command: ["sh", "-c", "test -e ready"] } } },
    args: ["run", "flow.json", "--only", "make"],
    proposed: [/^runweave lineage/],
  },
};

/** The commands below "Next", those that repeat a failed run, and those in the hints. */
function listCommands(output: string): string[] {
  const lines = output.split("\n");
  const next = lines.slice(lines.indexOf("Next") + 1).filter((line) => /^ {2}runweave /.test(line));
  const again = lines.flatMap((line) => /^ {2}again {2}(.*)$/.exec(line)?.[1] ?? []);
  const hints = [...output.matchAll(/`(runweave [^`]*)`/g)].flatMap(([, command = ""]) => command);
  return [...new Set([...next.map((line) => line.trim()), ...again, ...hints])];
}

async function type(command: string, cwd: string): Promise<{ command: string; code: number; stderr: string }> {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  return await new Promise((resolve) => {
    execFile("sh", ["-c", command], { cwd, env }, (error, _, stderr) => {
      resolve({ command, code: error === null ? 0 : Number(error.code), stderr });
    });
  });
}

describe("every command that is proposed works when it is typed", () => {
  test.each(Object.entries(SCENARIOS))("after %s", async (name, { flow, files, args, cwd: below = "", proposed }) => {
    const top = join(folder, name.replaceAll(/\W/g, "-"));
    const cwd = join(top, below);
    mkdirSync(cwd, { recursive: true });
    writeFiles(top, { "flow.json": JSON.stringify(flow), ...files });
    const { stdout, stderr } = await runCli(args ?? ["run", "flow.json"], { cwd });
    const commands = listCommands(`${stdout}\n${stderr}`);
    for (const pattern of proposed) expect(commands).toContainEqual(expect.stringMatching(pattern));
    // A run may fail again; what is wrong with the usage, the environment or with runweave is not for the user to type.
    for (const command of commands) {
      const typed = await type(command, cwd);
      expect([0, 1], `${command}\n${typed.stderr}`).toContain(typed.code);
    }
  });
});
