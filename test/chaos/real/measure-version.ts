import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { VersionRecord } from "../../../src/core/run.ts";
import { listTree } from "./listing.ts";

type Recorded = Pick<VersionRecord, "location" | "hash" | "bytes" | "beside" | "version">;

/**
 * How what is at a version's location, or was moved elsewhere from there, differs from its record; null if it does not. Written without the
 * code that it judges, from how docs describe the hash.
 */
export function findDifference(recorded: Recorded, at: string = recorded.location): string | null {
  if (!existsSync(at)) return "is not there";
  const { hash, bytes } = measure(at, recorded.beside ?? []);
  if (recorded.hash !== null && hash !== recorded.hash) return `is ${hash} and not ${recorded.hash}`;
  if (recorded.bytes !== null && bytes !== recorded.bytes) return `has ${bytes} bytes and not ${recorded.bytes}`;
  const stray = listBeside(recorded, at).find((name) => !(recorded.beside ?? []).includes(name));
  return stray === undefined ? null : `has ${stray} beside it, of which its record says nothing`;
}

function measure(path: string, beside: readonly string[]): { hash: string; bytes: number } {
  const main = measureAlone(path);
  if (beside.length === 0) return main;
  const all = [
    [basename(path), main] as const,
    ...beside.map((name) => [name, measureAlone(join(dirname(path), name))] as const),
  ];
  return combine(all.map(([name, { hash, bytes }]) => ({ name, hash, bytes })));
}

function measureAlone(path: string): { hash: string; bytes: number } {
  if (isFile(path)) {
    const content = readFileSync(path);
    return { hash: `sha256:${digest(content)}`, bytes: content.length };
  }
  // A pipe would be waited for, and a device has no end.
  if (!statSync(path).isDirectory()) return { hash: "no data", bytes: 0 };
  const files = listTree(path).filter((name) => isFile(join(path, name)));
  return combine(files.map((name) => ({ name, ...measureAlone(join(path, name)) })));
}

function combine(files: readonly { name: string; hash: string; bytes: number }[]): { hash: string; bytes: number } {
  const lines = files.map(({ name, hash }) => Buffer.from(`${hash.slice("sha256:".length)}  ${name}\n`));
  const hash = `sha256:${digest(Buffer.concat(lines.toSorted(Buffer.compare)))}`;
  return { hash, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Files in the version's own folder; elsewhere there is none. */
function listBeside({ version, location }: Recorded, at: string): string[] {
  if (basename(dirname(location)) !== version) return [];
  const own = basename(at);
  const files = listTree(dirname(at)).filter((name) => isFile(join(dirname(at), name)));
  return files.filter((name) => name !== own && !name.startsWith(`${own}/`));
}

/** Through links, of which some lead to nothing or to themselves. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function digest(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
