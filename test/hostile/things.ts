import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "./sandbox.ts";

/** Other things than a file in a file's place. */
export const THINGS: Readonly<Record<string, (path: string, sandbox: Sandbox) => void>> = {
  "a folder": (path) => mkdirSync(path),
  "a full folder": (path) => mkdirSync(join(path, "a/b"), { recursive: true }),
  "a pipe": (path) => execFileSync("mkfifo", [path]),
  "a link to the victim": (path, { outside }) => symlinkSync(join(outside, "victim"), path),
  "a link to a device": (path) => symlinkSync("/dev/zero", path),
  "a link to itself": (path) => symlinkSync(path, path),
  "a link to nothing": (path) => symlinkSync("nowhere", path),
  nothing: () => {},
};
