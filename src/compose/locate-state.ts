import { lstatSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { RegistryError } from "../core/error/registry-error.ts";
import type { StateFolders } from "../core/port/runner.ts";
import { makeFolders } from "../versions/make-folders.ts";
import { findAboveOwn } from "./capture/find-checkout.ts";
import { refuseForeign } from "./home/trust-state.ts";

/** Where a registry and its folders are. */
export interface StateLocation extends StateFolders {
  /** The registry's file. */
  registry: string;
}

export interface LocateOptions {
  /** What `--registry` says: a state folder, or the registry's file in one. */
  registry?: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  /** The workflow file's folder, or the working folder. Absolute. */
  from: string;
}

const FOLDER = ".runweave";
const FILE = "registry.sqlite";
const FILE_EXTENSIONS = new Set([".sqlite", ".sqlite3", ".db"]);

/**
 * The registry to use: `--registry`, else `RUNWEAVE_REGISTRY`, else the nearest `.runweave/` above `from`, else one at the
 * git root, else one in `from` itself. Makes nothing. Throws RegistryError if others may have written there (`refuseForeign`).
 */
export function locateState(options: LocateOptions): StateLocation {
  const state = findState(options);
  refuseForeign(state, options);
  return state;
}

/** Likewise, whoever may have written there: for comparing places, not for opening anything. */
export function findState({ registry, environment, from }: LocateOptions): StateLocation {
  const said = registry ?? environment.RUNWEAVE_REGISTRY;
  if (said !== undefined && said !== "") return fromPath(resolve(said));
  return inFolder(join(findAboveOwn(from, FOLDER) ?? findAboveOwn(from, ".git") ?? from, FOLDER));
}

/** Folders that are made in a state folder when they are first needed. */
const LATER_FOLDERS = ["sessions", "patches", "workers", "cache"];

/** Makes the folders, for their owner alone, and keeps them out of git. Throws RegistryError if that can't be done. */
export function makeStateFolders(state: StateLocation): void {
  const { root, attempts, logs, store, trash } = state;
  try {
    for (const path of [root, attempts, logs, store, trash, ...LATER_FOLDERS.map((name) => join(root, name))])
      refuseOtherThing(path);
    for (const folder of [state.root, state.attempts, state.logs, state.store]) makeFolders(folder, 0o700);
    const ignore = join(state.root, ".gitignore");
    // By lstat and `wx`: through a link that leads nowhere, a file would be made elsewhere.
    const isMissing = lstatSync(ignore, { throwIfNoEntry: false }) === undefined;
    if (basename(state.root) === FOLDER && isMissing) writeFileSync(ignore, "*\n", { flag: "wx" });
  } catch (error) {
    if (error instanceof RegistryError) throw error;
    throw new RegistryError(
      "registry-read-only",
      `can't write below ${state.root}: ${(error as Error).message}`,
      "make that folder writable, or choose another with --registry or RUNWEAVE_REGISTRY",
      { cause: error },
    );
  }
}

/** A pipe, a file or a link that leads nowhere in the place of a folder: nobody could work there, and it may be somebody's. */
function refuseOtherThing(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || isFolder(path)) return;
  const hint = "move it away, or choose another state folder with --registry or RUNWEAVE_REGISTRY";
  throw new RegistryError("registry-unusable", `${path} is no folder, and runweave keeps files of its own there`, hint);
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

/** Where a state folder keeps what projects have answered. */
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
