import { mkdtempSync, realpathSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";
/** Containers may have 64 MB of it, which is too little for a copied project or a large file. */
const LEAST_BYTES = 2 ** 30;

/**
 * A new folder in memory, where this machine has room there, else on its disk; whoever makes it removes it. For what makes and
 * reads thousands of registries: each flush to a disk that others use takes milliseconds, and what is flushed is the same.
 */
export function makeMemoryFolder(prefix: string): string {
  return realpathSync(mkdtempSync(join(hasRoom() ? MEMORY : tmpdir(), prefix)));
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= LEAST_BYTES;
  } catch {
    return false;
  }
}
