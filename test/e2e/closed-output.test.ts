import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { binPath } from "../rig/cli.ts";

/** As `runweave ... | true`: whoever was to read has ended before there is anything to read. */
async function runUnread(args: string[]): Promise<{ exitCode: unknown; stderr: string }> {
  const child = spawn(process.execPath, [binPath(), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  return { exitCode, stderr };
}

test.each([[["--help"]], [["heal", "--help"]], [["--version"]], [["schema"]]])(
  "%s that nobody reads ends as a program of a pipe does",
  async (args) => {
    expect(await runUnread(args)).toEqual({ exitCode: 141, stderr: "" });
  },
);
