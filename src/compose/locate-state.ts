import { lstatSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { RegistryError } from "../core/error/registry-error.ts";
import { FREE_SPACE, isDiskFull } from "../core/error/system-error.ts";
import type { StateFolders } from "../core/port/runner.ts";
import { capturingFolder } from "../versions/layout.ts";
import { makeFolders } from "../versions/make-folders.ts";
import { findAboveOwn } from "./capture/find-checkout.ts";
import { refuseForeign } from "./home/trust-state.ts";

/** Place of a registry and its folders. */
export interface StateLocation extends StateFolders {
  /** The registry's file. */
  registry: string;
}

export interface LocateOptions {
  /** Value of `--registry`: a state folder, or the registry's file in one. */
  registry?: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  /** The workflow file's folder, or the working folder. Absolute. */
  from: string;
}

const FOLDER = ".runweave";
const FILE = "registry.sqlite";
const FILE_EXTENSIONS = new Set([".sqlite", ".sqlite3", ".db"]);

/**
 * Finds the registry to use: `--registry`, else `RUNWEAVE_REGISTRY`, else the nearest `.runweave/` above `from`, else
 * one at the git root, else one in `from` itself. Makes no folder. Throws RegistryError if others may have written
 * there (`refuseForeign`).
 */
export function locateState(options: LocateOptions): StateLocation {
  const state = findState(options);
  refuseForeign(state, options);
  return state;
}

/** Finds the registry in the same way, without a check of its writers: for comparing places, not for opening it. */
export function findState({ registry, environment, from }: LocateOptions): StateLocation {
  const said = registry ?? environment.RUNWEAVE_REGISTRY;
  if (said !== undefined && said !== "") return fromPath(resolve(said));
  return inFolder(join(findAboveOwn(from, FOLDER) ?? findAboveOwn(from, ".git") ?? from, FOLDER));
}

/** Folders that are made in a state folder when they are first needed. */
const LATER_FOLDERS = ["sessions", "patches", "workers", "cache"];

/** The folders that runweave makes in a state folder. */
export function listFolders({ root, attempts, logs, store, trash }: StateLocation): string[] {
  const later = LATER_FOLDERS.map((name) => join(root, name));
  return [attempts, logs, store, capturingFolder(store), trash, ...later];
}

/** Makes the folders, for their owner alone, and keeps them out of git. Throws RegistryError if that can't be done. */
export function makeStateFolders(state: StateLocation): void {
  try {
    for (const path of [state.root, ...listFolders(state)]) refuseOtherThing(path);
    for (const folder of [state.root, state.attempts, state.logs, state.store]) makeFolders(folder, 0o700);
    const ignore = join(state.root, ".gitignore");
    // Checked by lstat and made with `wx`: through a dangling link, a file would be made elsewhere.
    const isMissing = lstatSync(ignore, { throwIfNoEntry: false }) === undefined;
    if (basename(state.root) === FOLDER && isMissing) writeFileSync(ignore, "*\n", { flag: "wx" });
  } catch (error) {
    if (error instanceof RegistryError) throw error;
    const message = `can't write below ${state.root}: ${(error as Error).message}`;
    if (isDiskFull(error)) throw new RegistryError("registry-full", message, FREE_SPACE, { cause: error });
    const hint = "make that folder writable, or choose another with --registry or RUNWEAVE_REGISTRY";
    throw new RegistryError("registry-read-only", message, hint, { cause: error });
  }
}

/** Refuses what is in the place of a folder: it is unusable, and may belong to the user. */
function refuseOtherThing(path: string): void {
  if (!isOtherThing(path)) return;
  const hint = "move it away, or choose another state folder with --registry or RUNWEAVE_REGISTRY";
  throw new RegistryError("registry-unusable", `${path} is no folder, and runweave keeps files of its own there`, hint);
}

/** True of a pipe, a file or a dangling link. */
export function isOtherThing(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined && !isFolder(path);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function fromPath(path: string): StateLocation {
  const isFile = FILE_EXTENSIONS.has(extname(path)) || statSync(path, { throwIfNoEntry: false })?.isFile();
  return isFile ? { ...inFolder(dirname(path)), registry: path } : inFolder(path);
}

/** Folder in which a state folder keeps the answers of projects. */
export function answersFolder(root: string): string {
  return join(root, "probes");
}

/** The layout of a state folder. */
export function inFolder(root: string): StateLocation {
  return {
    root,
    registry: join(root, FILE),
    attempts: join(root, "attempts"),
    logs: join(root, "logs"),
    store: join(root, "data"),
    trash: join(root, "trash"),
  };
}
