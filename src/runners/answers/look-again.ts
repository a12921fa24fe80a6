import { createHash } from "node:crypto";
import { type BigIntStats, type Dirent, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { markStats } from "../../versions/tree/tree.ts";
import type { ModuleSearch } from "./told-reads.ts";

const DIGITS = 16;
const MADE_BY_PYTHON = "__pycache__";
/** A distribution, or what adds to the search path. */
const INSTALLED = /(-info|\.egg|\.pth)$/;
/** Text that the worker has for a folder that can't be listed. */
const UNLISTED = ["/"];

/** Returns a worker's note of a path as it is now, by how it looked. Null for an unknown way of looking. */
export function lookAgain(how: string, path: string): string | null {
  switch (how) {
    case "content":
    case "library":
      return formatContent(find(path));
    case "stat":
      return describeStat(find(path));
    case "kind":
      return formatKind(find(path));
    case "link":
      return formatLink(path);
    case "names":
      return digestNames(listKinds(path));
    case "installed":
      return digestNames(listNames(path).filter((name) => INSTALLED.test(name)));
    case "hash":
      return hashFile(path);
    default:
      return null;
  }
}

/** Tells whether a search for modules in a folder would find what it found. */
export function findsSame(folder: string, { modules, found }: ModuleSearch): boolean {
  const wanted = new Set(modules);
  return digestNames(listNames(folder).filter((name) => wanted.has(name.split(".", 1)[0] ?? ""))) === found;
}

/** SHA-256 of a file; null if it can't be read. */
export function hashFile(path: string): string | null {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch {
    return null;
  }
}

function find(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

function formatContent(found: BigIntStats | null): string {
  return found?.isFile() ? markStats(found) : formatKind(found);
}

function describeStat(found: BigIntStats | null): string {
  return found?.isFile() ? `${markStats(found)}:${found.mode}` : formatKind(found);
}

function formatKind(found: BigIntStats | null): string {
  if (found === null) return "";
  if (found.isDirectory()) return "folder";
  return found.isFile() ? "file" : "other";
}

function formatLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function listKinds(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.map((entry) => (isFolder(folder, entry) ? `${entry.name}/` : entry.name));
  } catch {
    return UNLISTED;
  }
}

function isFolder(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return find(join(folder, entry.name))?.isDirectory() ?? false;
}

/** Does as the worker's `digest_names`. */
function digestNames(names: readonly string[]): string {
  const lines = names.filter((name) => name.replace(/\/+$/, "") !== MADE_BY_PYTHON).map((name) => Buffer.from(name));
  const text = lines.toSorted(Buffer.compare).map((line) => line.toString());
  return createHash("sha256").update(text.join("\n")).digest("hex").slice(0, DIGITS);
}
