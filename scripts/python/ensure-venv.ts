import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { askPython, findPython } from "./find-python.ts";
import { lockFolder } from "./lock-folder.ts";
import { runStep } from "./run-step.ts";
import { SetUpError } from "./set-up-error.ts";

/** A set of packages. */
export interface Packages {
  /** A requirements file, with exact versions unless `versions` has them. */
  readonly requirements: string;
  /** A requirements file with the exact versions of these packages and of others. */
  readonly versions?: string;
}

/** The environment to have, and where. */
export interface VenvOptions extends Packages {
  readonly folder: string;
  /** Larger sets: an environment with one of them has these packages too. */
  readonly partOf?: readonly Packages[];
  /** Smaller sets: to an environment with one of them, the missing packages are added. */
  readonly parts?: readonly Packages[];
}

/** An environment that is whole. */
export interface Venv {
  readonly python: string;
  readonly version: string;
  readonly reused: boolean;
}

/** Written last of all: an environment without it was never finished. */
interface Stamp {
  readonly folder: string;
  readonly requirements: string;
  readonly python: string;
  /** The installed packages, as their `.dist-info` folders: one that is gone makes the environment unfit. */
  readonly packages: readonly string[];
}

const STAMP = "runweave-setup.json";
const STARTED = "runweave-setup-started";
const CONSTRAINTS = "runweave-constraints.txt";

// pip reads our stdin to its end in a thread: when this process dies, even by kill -9, pip dies too, and does not go
// on writing into a folder that the next set-up has begun anew.
const PIP = `import os, runpy, sys, threading
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
runpy.run_module("pip", run_name="__main__", alter_sys=True)`;
// Compiling stays on (uv is told to): where PYTHONDONTWRITEBYTECODE is set, each run would compile scikit-learn again.
const PIP_OPTIONS = [
  "--no-input",
  "--disable-pip-version-check",
  "--progress-bar",
  "off",
  "--retries",
  "2",
  "--timeout",
  "20",
];

/**
 * Makes a Python environment, or finds it made: with the same packages it is reused, an unfinished one is redone.
 * Two calls at once, in one process or in two, make it once.
 *
 * @throws {SetUpError} if there is no Python, no network, or an environment that somebody else made in `folder`
 */
export async function ensureVenv(options: VenvOptions): Promise<Venv> {
  const ready = findReady(options);
  if (ready) return ready;
  using _lock = await lockFolder(options.folder, () => process.stderr.write("Waiting for another set-up to end ...\n"));
  return findReady(options) ?? (await makeVenv(options));
}

function findReady(options: VenvOptions): Venv | undefined {
  return findWith([options, ...(options.partOf ?? [])], options.folder);
}

/** An environment that was finished with one of these sets of packages, and has all of them still. */
function findWith(sets: readonly Packages[], folder: string): Venv | undefined {
  const stamp = readStamp(folder);
  if (stamp === undefined || stamp.folder !== folder) return undefined;
  if (!sets.some((set) => hashPackages(set) === stamp.requirements)) return undefined;
  const python = pythonOf(folder);
  const installed = new Set(listPackages(folder));
  const isWhole = stamp.packages.every((name) => installed.has(name));
  const version = isWhole ? askPython(python)?.version : undefined;
  return version === stamp.python ? { python, version, reused: true } : undefined;
}

async function makeVenv(options: VenvOptions): Promise<Venv> {
  const { folder } = options;
  const hasUv = spawnSync("uv", ["--version"]).status === 0;
  const name = path.basename(folder);
  // Without its stamp, an environment that a kill leaves with half of the packages is made anew.
  if (findWith(options.parts ?? [], folder)) rmSync(path.join(folder, STAMP));
  else await makeEmpty({ name, folder, hasUv });
  await install(options, { name, folder, hasUv });
  const python = pythonOf(folder);
  const version = askPython(python)?.version;
  if (!version) throw new SetUpError(`${python} does not start.`, `Remove ${folder} and try again.`);
  writeStamp({ folder, requirements: hashPackages(options), python: version, packages: listPackages(folder) });
  return { python, version, reused: false };
}

interface Making {
  readonly name: string;
  readonly folder: string;
  readonly hasUv: boolean;
}

async function makeEmpty({ name, folder, hasUv }: Making): Promise<void> {
  const base = findPython();
  if (!hasUv && !base.hasVenv) {
    throw new SetUpError(
      `${base.command} (${base.version}) can't make environments: its venv module is incomplete.`,
      "Install it (on Debian and Ubuntu `apt install python3-venv`), or install uv.",
    );
  }
  clearFolder(folder);
  const [command, args] = hasUv
    ? ["uv", ["venv", "--allow-existing", "--python", base.command, folder]]
    : [base.command, ["-m", "venv", folder]];
  await runStep({ label: `Making ${name}${hasUv ? " with uv" : ""}, Python ${base.version}`, command, args });
}

async function install(packages: Packages, { name, folder, hasUv }: Making): Promise<void> {
  const wanted = ["-r", packages.requirements, ...limitVersions(packages, folder)];
  const python = pythonOf(folder);
  const [command, args] = hasUv
    ? ["uv", ["pip", "install", "--compile-bytecode", "--python", python, ...wanted]]
    : [python, ["-c", PIP, "install", ...PIP_OPTIONS, ...wanted]];
  await runStep({ label: `Installing packages into ${name}`, command, args });
}

/** The option that holds what is installed to exact versions. pip takes no extras in such a file. */
function limitVersions({ versions }: Packages, folder: string): string[] {
  if (versions === undefined) return [];
  const file = path.join(folder, CONSTRAINTS);
  writeFileSync(file, readFileSync(versions, "utf8").replace(/^([\w.-]+)\[[^\]]*\]/gm, "$1"));
  return ["-c", file];
}

/** Leaves an empty folder that is marked as ours. What we did not make we don't remove. */
function clearFolder(folder: string): void {
  if (existsSync(folder) && !existsSync(path.join(folder, STAMP)) && !existsSync(path.join(folder, STARTED))) {
    throw new SetUpError(
      `${folder} exists, and this set-up did not make it.`,
      "Move it out of the way, then try again.",
    );
  }
  removeLeftovers(folder);
  // Moved in one step before the slow removal, so that no moment shows a whole-looking environment with holes.
  const old = `${folder}-old-${process.pid}`;
  const fresh = `${folder}-new-${process.pid}`;
  if (existsSync(folder)) renameSync(folder, old);
  mkdirSync(fresh, { recursive: true });
  writeFileSync(path.join(fresh, STARTED), "");
  renameSync(fresh, folder);
  rmSync(old, { recursive: true, force: true });
}

/** Removes what a set-up that was killed in `clearFolder` left beside the folder. */
function removeLeftovers(folder: string): void {
  const parent = path.dirname(folder);
  const name = path.basename(folder);
  for (const entry of readdirSync(parent)) {
    const isLeftover = entry.startsWith(`${name}-old-`) || entry.startsWith(`${name}-new-`);
    if (isLeftover) rmSync(path.join(parent, entry), { recursive: true, force: true });
  }
}

function listPackages(folder: string): string[] {
  const [sitePackages] = globSync(path.join(folder, "lib", "python*", "site-packages"));
  return sitePackages ? readdirSync(sitePackages).filter((name) => name.endsWith(".dist-info")) : [];
}

function readStamp(folder: string): Stamp | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, STAMP), "utf8"));
  } catch {
    return undefined;
  }
}

function writeStamp(stamp: Stamp): void {
  const temporary = path.join(stamp.folder, `${STAMP}.tmp`);
  writeFileSync(temporary, `${JSON.stringify(stamp, null, 2)}\n`, { flush: true });
  renameSync(temporary, path.join(stamp.folder, STAMP));
}

function hashPackages({ requirements, versions }: Packages): string {
  const hash = createHash("sha256").update(readFileSync(requirements));
  return (versions === undefined ? hash : hash.update(readFileSync(versions))).digest("hex");
}

function pythonOf(folder: string): string {
  return path.join(folder, "bin", "python");
}
