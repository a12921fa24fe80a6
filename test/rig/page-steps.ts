import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import { binPath, cliEnvironment } from "./cli.ts";

/** A command of a page, and what the page shows below it. */
interface Step {
  command: string;
  shown: string;
}

/** The commands of a console block. Lines that begin with `> ` go on with the command, as in a terminal. */
function readSteps(block: string): Step[] {
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [first = "", ...rest] = text.split("\n");
      const end = rest.findIndex((line) => !line.startsWith("> "));
      const command = [first, ...rest.slice(0, end).map((line) => line.slice(2))].join("\n");
      return { command, shown: rest.slice(end).join("\n") };
    });
}

/** Times, ids, hashes and sizes are others in each run; the width of columns follows them. */
function blur(line: string): string {
  return line
    .replaceAll(/\d{4}-\d\d-\d\d(T[\d.:]+Z(-[0-9a-f]{12})?| \d\d:\d\d(:\d\d)?)/g, "ID")
    .replaceAll(/\b[0-9a-f]{8,64}\b/g, "ID")
    .replaceAll(/\b\d+(\.\d+)?(ms|s)\b|\b\d+m \d+s\b/g, "TIME")
    .replaceAll(/\b\d+(\.\d+)? [kMG]?B\b|\bPEAK\b/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** A place for the commands of pages: `folder` is where they run, and `runweave` is on their PATH. */
export interface PageShell {
  suite: string;
  folder: string;
}

export function makePageShell({ suite, folder }: PageShell): void {
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(suite, "bin"));
  symlinkSync(binPath(), join(suite, "bin/runweave"));
}

/**
 * Runs the commands of a console block, each to the exit code that its comment `# exit code N` says, else 0. A file that is printed is as
 * shown; of all other output, each line that is shown is among those that came, in this order.
 */
export function runBlock(block: string, { suite, folder }: PageShell): void {
  for (const { command, shown } of readSteps(block)) {
    const exitCode = Number(/# exit code (\d+)$/.exec(command)?.[1] ?? 0);
    const path = [join(suite, "bin"), cliEnvironment().PATH].join(delimiter);
    const who = {
      GIT_AUTHOR_NAME: "A",
      GIT_AUTHOR_EMAIL: "a@b.c",
      GIT_COMMITTER_NAME: "A",
      GIT_COMMITTER_EMAIL: "a@b.c",
    };
    const env = cliEnvironment({ ...who, PATH: path, VIRTUAL_ENV: undefined });
    const { status, stdout, stderr } = spawnSync("sh", ["-c", command], { cwd: folder, env, encoding: "utf8" });
    expect([command, status, stdout, stderr]).toEqual([command, exitCode, stdout, stderr]);
    if (/^(runweave )?cat [^>]*$/.test(command)) expect(stdout.trimEnd()).toBe(shown.trimEnd());
    else expect(blurAll(stdout)).toEqual(expect.arrayContaining(blurAll(shown)));
  }
}

function blurAll(text: string): string[] {
  return text
    .split("\n")
    .map(blur)
    .filter((line) => line !== "");
}
