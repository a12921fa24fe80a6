import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { type DataKind, explainMissing, kindAt, kindOf, NotDataError } from "./data-kind.ts";
import { isStaging } from "./staging.ts";

const CHUNK_BYTES = 1 << 20;
/** Files of some file systems, as /proc, say that they are empty. */
const LEAST_CHUNK_BYTES = 1 << 12;
const HASH_PREFIX = "sha256:";

/** Data at a location: size in bytes, and `sha256:...`. */
export interface Content {
  bytes: number;
  hash: string;
}

export interface HashRequest {
  path: string;
  /** End of the names of files that count in a folder: a folder of partitions may be shared. */
  suffix?: string;
  /** Files in the folder that `path` is in, by their names below it, which are hashed together with it. */
  beside?: readonly string[] | undefined;
  /** Flush the files to the disk as well, so that the hash is of what survives a loss of power. */
  durable?: boolean;
}

/**
 * Hashes a file, or the files in a folder: SHA-256 of the sorted lines `<sha256> <relative path>\n`. Symlinks to files
 * count as their targets; symlinks to folders, and files that are no data, are left out. With files beside it, the
 * lines are those of these files and of its own hash under its own name. The Python worker does the same. Throws
 * NotDataError, NameRefusedError, and the system's error if a file can't be read, ENOENT for a symlink without a
 * target.
 */
export async function hashPath({ beside = [], ...request }: HashRequest): Promise<Content> {
  const main = await hashAlone(request);
  if (beside.length === 0) return main;
  const { path, durable = false } = request;
  let total = main.bytes;
  const lines = [describeFile(main.hash.slice(HASH_PREFIX.length), basename(path))];
  for (const name of beside) {
    const { bytes, hash } = await hashAlone({ path: join(dirname(path), name), durable });
    lines.push(describeFile(hash.slice(HASH_PREFIX.length), name));
    total += bytes;
  }
  return { bytes: total, hash: hashLines(lines) };
}

async function hashAlone({ path, suffix = "", durable = false }: Omit<HashRequest, "beside">): Promise<Content> {
  if ((await kindAt(path)) !== "folder") {
    const { bytes, digest } = await hashFile(path, durable);
    return { bytes, hash: `${HASH_PREFIX}${digest}` };
  }
  const lines: Buffer[] = [];
  let total = 0;
  for await (const file of walkFiles(path, { suffix })) {
    const { bytes, digest } = await hashFile(file, durable);
    lines.push(describeFile(digest, relative(path, file)));
    total += bytes;
  }
  return { bytes: total, hash: hashLines(lines) };
}

/** One line of what the hash of several files is of. */
export function describeFile(digest: string, name: string): Buffer {
  return Buffer.from(`${digest}  ${name}\n`);
}

/** The hash of several files, by their lines. */
export function hashLines(lines: readonly Buffer[]): string {
  const hash = createHash("sha256");
  for (const line of lines.toSorted(Buffer.compare)) hash.update(line);
  return `${HASH_PREFIX}${hash.digest("hex")}`;
}

export interface FileSelection {
  suffix?: string;
  /** True to leave out symlinks without a target; else they are an error. */
  leavesOutDangling?: boolean;
}

/**
 * Yields every data file below a folder that ends with `suffix`, symlinks to files included. Throws ENOENT for one
 * without a target.
 */
export async function* walkFiles(folder: string, selection: FileSelection = {}): AsyncIterable<string> {
  const { suffix = "", leavesOutDangling = false } = selection;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(throwExplained(folder))) {
    if (isStaging(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walkFiles(path, selection);
    else if (!entry.name.endsWith(suffix)) continue;
    else if ((entry.isSymbolicLink() ? await followLink(path, leavesOutDangling) : kindOf(entry)) === "file")
      yield path;
  }
}

function throwExplained(path: string): (error: unknown) => never {
  return (error) => {
    throw explainMissing(error, path);
  };
}

async function followLink(path: string, leavesOutDangling: boolean): Promise<DataKind | null> {
  try {
    return await kindAt(path);
  } catch (error) {
    if (!["ENOENT", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    if (leavesOutDangling) return null;
    const message = `${path} is a symbolic link that leads to nothing`;
    throw Object.assign(new Error(message, { cause: error }), { code: "ENOENT", path });
  }
}

async function hashFile(path: string, durable: boolean): Promise<{ bytes: number; digest: string }> {
  // A pipe may have taken the place of the file in this moment: it would be waited for, and a device has no end.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(throwExplained(path));
  const found = await file.stat();
  if (kindOf(found) !== "file") throw new NotDataError(path);
  const hash = createHash("sha256");
  // A large buffer for each small file would keep the garbage collector busy.
  const buffer = Buffer.allocUnsafe(Math.min(Math.max(found.size + 1, LEAST_CHUNK_BYTES), CHUNK_BYTES));
  let bytes = 0;
  while (true) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    bytes += bytesRead;
  }
  if (durable) await flush(file);
  return { bytes, digest: hash.digest("hex") };
}

/** Some file systems refuse to flush a file that was opened for reading; it stays unflushed then. */
async function flush(file: FileHandle): Promise<void> {
  try {
    await file.datasync();
  } catch (error) {
    if (!["EBADF", "EINVAL", "ENOTSUP", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
