import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** What is at a path: `hash` is null where all of it together is too large to be read for that. */
export interface ContentNow {
  bytes: number;
  hash: string | null;
}

/**
 * The content of a file or a folder, hashed as `hashPath` does, for who can't wait: nothing above `limit` bytes is read. Of a
 * folder only the files that end with `suffix` count. Throws what the system says.
 */
export function readContentNow(path: string, { suffix = "", limit }: { suffix?: string; limit: number }): ContentNow {
  const found = statSync(path);
  if (!found.isDirectory()) {
    if (!found.isFile()) throw new Error(`${path} is neither a file nor a folder`);
    return { bytes: found.size, hash: found.size > limit ? null : `sha256:${digestOf(path)}` };
  }
  const files = listFiles(path, suffix);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > limit) return { bytes, hash: null };
  const lines = files.map((file) => Buffer.from(`${digestOf(file.path)}  ${relative(path, file.path)}\n`));
  const hash = createHash("sha256");
  for (const line of lines.sort(Buffer.compare)) hash.update(line);
  return { bytes, hash: `sha256:${hash.digest("hex")}` };
}

function listFiles(folder: string, suffix: string): { path: string; bytes: number }[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
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
