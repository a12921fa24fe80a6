import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { kindOf, NotDataError } from "./data-kind.ts";
import { describeFile, hashLines } from "./hash.ts";
import { isStaging } from "./staging.ts";

/** Data at a path: `hash` is null where all of it together is too large to be read for that. */
export interface ContentNow {
  bytes: number;
  hash: string | null;
}

export interface ContentRequest {
  /** End of the names of files that count in a folder. */
  suffix?: string;
  /** Files beside the data, as `hashPath` takes them. */
  beside?: readonly string[] | undefined;
  /** Number of bytes above which data are not read. */
  limit: number;
}

/** The content of a file or a folder, hashed as `hashPath` does, for who can't wait. Throws what the system says. */
export function readContentNow(path: string, { beside = [], ...request }: ContentRequest): ContentNow {
  const main = readAlone(path, request);
  if (beside.length === 0) return main;
  const { limit } = request;
  const others = beside.map((name) => ({ name, ...readAlone(join(dirname(path), name), { limit }) }));
  const bytes = others.reduce((sum, other) => sum + other.bytes, main.bytes);
  const hashed = [{ name: basename(path), ...main }, ...others];
  const lines = hashed.flatMap(({ name, hash }) =>
    hash === null ? [] : [describeFile(hash.slice("sha256:".length), name)],
  );
  return { bytes, hash: bytes > limit || lines.length < hashed.length ? null : hashLines(lines) };
}

function readAlone(path: string, { suffix = "", limit }: Omit<ContentRequest, "beside">): ContentNow {
  const found = statSync(path);
  const kind = kindOf(found);
  if (kind === "other") throw new NotDataError(path);
  if (kind === "file") {
    return { bytes: found.size, hash: found.size > limit ? null : `sha256:${digestOf(path)}` };
  }
  const files = listFiles(path, suffix);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > limit) return { bytes, hash: null };
  const lines = files.map((file) => describeFile(digestOf(file.path), relative(path, file.path)));
  return { bytes, hash: hashLines(lines) };
}

function listFiles(folder: string, suffix: string): { path: string; bytes: number }[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (isStaging(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return listFiles(path, suffix);
    if (!entry.name.endsWith(suffix)) return [];
    const found = statSync(path);
    return found.isFile() ? [{ path, bytes: found.size }] : [];
  });
}

function digestOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
