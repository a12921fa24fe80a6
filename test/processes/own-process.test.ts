import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const MODULE = join(import.meta.dirname, "../../src/processes/own-process.ts");
const SCRIPT = `const { describeOwnProcess } = await import(${JSON.stringify(MODULE)}); console.log(JSON.stringify(describeOwnProcess()));`;

/** What a process says of itself that a shell has started with these words. */
function describeAfter(words: string): string {
  const node = [process.execPath, "--input-type=module", "-e", SCRIPT];
  return execFileSync("/bin/sh", ["-c", `${words} "$@"`, "sh", ...node], { encoding: "utf8" });
}

it("is the same for two processes that were started alike", () => {
  expect(describeAfter("exec")).toBe(describeAfter("exec"));
});

it.each(["umask 077; exec", "ulimit -t 4242; exec", "exec nice -n 1"])("is another one after %s", (words) => {
  expect(describeAfter(words)).not.toBe(describeAfter("exec"));
});
