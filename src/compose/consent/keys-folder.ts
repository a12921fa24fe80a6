import { lstatSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Folder of the user's own keys, which lies outside of every state folder: `RUNWEAVE_KEYS`, else `runweave` in the user's configuration folder
 * (`XDG_CONFIG_HOME`, else `~/.config`). Absolute. It need not exist.
 */
export function keysFolder({ RUNWEAVE_KEYS, XDG_CONFIG_HOME, HOME }: Environment): string {
  if (RUNWEAVE_KEYS) return resolve(RUNWEAVE_KEYS);
  return join(XDG_CONFIG_HOME || join(HOME || homedir(), ".config"), "runweave");
}

/** True if what is at `path` is no link, belongs to the user, and gives others none of the permissions `denied`; default: to write. */
export function isPrivate(path: string, denied = 0o022): boolean {
  try {
    const found = lstatSync(path);
    if (found.isSymbolicLink()) return false;
    return found.uid === (process.getuid?.() ?? found.uid) && (found.mode & denied) === 0;
  } catch {
    return false;
  }
}
