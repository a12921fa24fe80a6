import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./append-runs.ts", import.meta.url));

export type Appender = ChildProcessByStdio<null, Readable, Readable>;

/** Starts a process that appends `runs` runs to the registry at `path`, or runs until it is killed. */
export function spawnAppender(path: string, { number, runs = 0 }: { number: number; runs?: number }): Appender {
  return spawn(process.execPath, [PROGRAM, path, String(number), String(runs)], { stdio: ["ignore", "pipe", "pipe"] });
}

/** The whole lines of its output until it ends. */
export async function collectLines(stream: Readable, onLine: (count: number) => void = () => {}): Promise<string[]> {
  let text = "";
  let seen = 0;
  for await (const chunk of stream.setEncoding("utf8")) {
    text += chunk;
    const lines = text.split("\n").length - 1;
    if (lines > seen) onLine(lines);
    seen = lines;
  }
  return text.split("\n").slice(0, -1);
}
