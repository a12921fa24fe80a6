import { readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { RegistryError } from "../../core/error/registry-error.ts";
import { indexPath, logPath } from "./write-lock.ts";

/** End of the name of a registry that is being made (`makeDatabase`): a second name that no process opens. */
const DRAFT = /^\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Says which file of a registry has several names, and what to do. */
interface Linked {
  message: string;
  hint: string;
}

/**
 * Finds a file of the registry that has several names, as in a copy by hard links (`cp -al`, rsnapshot). SQLite writes in
 * place: what is written under one name is in the registry at the other, without its log and its locks. Null if each has one.
 */
export function findLinked(path: string): Linked | null {
  const file = followLinks(path);
  for (const each of [file, logPath(file), indexPath(file)]) {
    const names = countNames(each);
    if (names < 2) continue;
    return {
      message: `${each} has ${names} names: through another one, as of a copy made by links, SQLite would damage it`,
      hint: "while no runweave runs there, make it a file of its own: `cp -p` it to another name, and `mv` that over it; copy folders with `cp -a`, not by links",
    };
  }
  return null;
}

/** Throws RegistryError `registry-linked` for a registry that must not be written to. */
export function refuseLinked(path: string): void {
  const linked = findLinked(path);
  if (linked !== null) throw new RegistryError("registry-linked", linked.message, linked.hint);
}

/** Number of names of a file, without that of a draft that its maker has not removed yet, or was killed before. */
function countNames(path: string): number {
  const found = look(path);
  if (found === undefined || found.nlink < 2) return 1;
  const drafts = countDrafts(path, found);
  // A draft may have been removed between the two looks.
  return Math.min(found.nlink, look(path)?.nlink ?? 1) - drafts;
}

function countDrafts(path: string, { dev, ino }: Stats): number {
  const [folder, name] = [dirname(path), basename(path)];
  const drafts = readdirSync(folder).filter((each) => each.startsWith(name) && DRAFT.test(each.slice(name.length)));
  return drafts.filter((each) => {
    const found = look(join(folder, each));
    return found?.ino === ino && found.dev === dev;
  }).length;
}

function look(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** SQLite keeps its files beside the last file that links lead to. */
function followLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
