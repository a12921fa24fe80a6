import { readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

const ACCESS_MODE = 0o3;
const WRITE_ONLY = 0o1;

/**
 * True if the process was started by nohup(1), and is to go on when its terminal goes away. Node can't tell that SIGHUP
 * was ignored: it makes every ignored signal a deadly one again before it runs any code (`PlatformInit` in its
 * src/node.cc). Two traces are left: bash and zsh name the program that they started in `_`, and GNU nohup gives
 * /dev/null, opened for writing alone, in the place of a terminal as input.
 */
export function outlivesTerminal(environment: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return basename(environment._ ?? "") === "nohup" || hasUnreadableInput();
}

function hasUnreadableInput(): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync("/proc/self/fdinfo/0", "utf8"))?.[1] ?? "0";
    const mode = Number.parseInt(flags, 8) & ACCESS_MODE;
    return mode === WRITE_ONLY && readlinkSync("/proc/self/fd/0") === "/dev/null";
  } catch {
    // No input, or no /proc.
    return false;
  }
}
