import fs from "node:fs";
import { join } from "node:path";

/** Does half of a call, strikes, and does the rest; null where a call can't be cut in two. */
export type HalfCall = ((strike: () => void) => unknown) | null;

/** One call of a function by its name without `Sync`. */
export interface Call {
  name: string;
  args: readonly unknown[];
  /** The whole call. */
  work(): unknown;
}

/** Shorter content is written in one piece: a kill leaves it whole or empty. */
const ONE_PIECE = 4_096;
// As they are before they are replaced.
const { closeSync, lstatSync, openSync, readFileSync, readdirSync, rmSync, writeSync } = fs;

export function findHalf(call: Call): HalfCall {
  if (call.name === "copyFile") return halveCopy(call);
  if (call.name === "writeFile") return halveWrite(call);
  if (call.name === "rm") return halveRemoval(call);
  return null;
}

function halveCopy({ args: [source, target, mode], work }: Call): HalfCall {
  if (typeof source !== "string" || typeof target !== "string") return null;
  const found = fs.statSync(source, { throwIfNoEntry: false });
  // A pipe would be waited for.
  if (found?.isFile() !== true) return null;
  const isNew = (Number(mode ?? 0) & fs.constants.COPYFILE_EXCL) !== 0;
  return (strike) => {
    const content = readFileSync(source);
    const file = { path: target, flag: isNew ? "wx" : "w", mode: found.mode & 0o777 };
    return writeInHalves(file, { content, half: content.length >> 1, strike, work });
  };
}

function halveWrite({ args: [path, data, options], work }: Call): HalfCall {
  if (typeof path !== "string" || !(typeof data === "string" || data instanceof Uint8Array)) return null;
  const given = typeof options === "object" && options !== null ? (options as { flag?: string; mode?: number }) : {};
  const { flag = "w", mode = 0o666 } = given;
  const content = typeof data === "string" ? Buffer.from(data) : data;
  const half = content.length < ONE_PIECE ? 0 : content.length >> 1;
  return (strike) => writeInHalves({ path, flag, mode }, { content, half, strike, work });
}

function halveRemoval({ args: [path], work }: Call): HalfCall {
  if (typeof path !== "string") return null;
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return null;
  return (strike) => {
    const names = readdirSync(path);
    for (const name of names.slice(0, Math.ceil(names.length / 2))) rmSync(join(path, name), { recursive: true });
    strike();
    return work();
  };
}

interface Halves extends Pick<Call, "work"> {
  content: Uint8Array;
  /** Bytes that are there when it strikes. */
  half: number;
  strike(): void;
}

/** Undefined, as the whole call gives. */
function writeInHalves(
  { path, flag, mode }: { path: string; flag: string; mode: number },
  { content, half, strike, work }: Halves,
): unknown {
  let fd: number;
  try {
    fd = openSync(path, flag, mode);
  } catch {
    // The call itself says why.
    return work();
  }
  try {
    writeAll(fd, content.subarray(0, half));
    strike();
    writeAll(fd, content.subarray(half));
  } finally {
    closeSync(fd);
  }
  return undefined;
}

function writeAll(fd: number, content: Uint8Array): void {
  for (let at = 0; at < content.length; ) at += writeSync(fd, content, at);
}
