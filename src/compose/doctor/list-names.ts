import { opendirSync } from "node:fs";

/** Names that are read of one folder: what is behind is not looked at. */
const MAX_NAMES = 200_000;

/** The names in a folder, as far as they are read; none if it can't be read. */
export function listNames(path: string, limit = MAX_NAMES): { names: string[]; isCut: boolean } {
  const names: string[] = [];
  try {
    const folder = opendirSync(path, { bufferSize: 1024 });
    try {
      for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
        if (names.length === limit) return { names, isCut: true };
        names.push(entry.name);
      }
    } finally {
      folder.closeSync();
    }
  } catch {
    // A folder that is not there holds nothing; one that can't be read is told of by what needs it.
  }
  return { names, isCut: false };
}
