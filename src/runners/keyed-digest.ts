import { createHmac, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { linkSync, lstatSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readPlainFile } from "../processes/read-record.ts";
import { sweepTemporaries, temporaryBeside } from "../versions/write-file.ts";

const KEY_BYTES = 32;

/**
 * Digests of texts that may hold secrets: they can't be guessed without the key, which stays in the state folder for
 * its owner alone. Where the folder can't be written the key is forgotten, and no digest equals an earlier one.
 */
export function openKeyedDigest(stateFolder: string): (text: string) => string {
  let key: KeyObject | undefined;
  return (text) => {
    const path = keyPath(stateFolder);
    key ??= createSecretKey(readKey(path) ?? makeKey(path));
    return createHmac("sha256", key).update(text).digest("hex").slice(0, 16);
  };
}

/** Path of the key of a state folder. */
export function keyPath(stateFolder: string): string {
  return join(stateFolder, "key");
}

/** True if there is something in the place of the key that is none, so that no digest equals another one. */
export function isKeyDamaged(stateFolder: string): boolean {
  const path = keyPath(stateFolder);
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined && readKey(path) === undefined;
}

function readKey(path: string): Buffer | undefined {
  try {
    const key = readPlainFile(path);
    return key?.length === KEY_BYTES ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The first of several processes wins. */
function makeKey(path: string): Buffer {
  const key = randomBytes(KEY_BYTES);
  const draft = temporaryBeside(path);
  sweepTemporaries(dirname(path));
  try {
    writeFileSync(draft, key, { mode: 0o600, flag: "wx" });
    linkSync(draft, path);
  } catch {
    return readKey(path) ?? key;
  } finally {
    rmSync(draft, { force: true });
  }
  return key;
}
