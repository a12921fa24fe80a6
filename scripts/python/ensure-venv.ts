import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { askPython, findPython, type Python } from "./find-python.ts";
import { lockFolder } from "./lock-folder.ts";
import { runStep } from "./run-step.ts";
import { SetUpError } from "./set-up-error.ts";

/** Which environment to have, and where. */
export interface VenvOptions {
  readonly folder: string;
  /** A requirements file with exact versions. */
  readonly requirements: string;
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
 * Makes a Python environment, or finds it made: with the same requirements it is reused, an unfinished one is redone.
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
  const stamp = readStamp(options.folder);
  if (stamp?.requirements !== hashFile(options.requirements) || stamp.folder !== options.folder) return undefined;
  const python = pythonOf(options.folder);
  const installed = new Set(listPackages(options.folder));
  const isWhole = stamp.packages.every((name) => installed.has(name));
  const version = isWhole ? askPython(python)?.version : undefined;
  return version === stamp.python ? { python, version, reused: true } : undefined;
}

async function makeVenv(options: VenvOptions): Promise<Venv> {
  const { folder, requirements } = options;
  const hasUv = spawnSync("uv", ["--version"]).status === 0;
  const base = findPython();
  if (!hasUv && !base.hasVenv) {
    throw new SetUpError(
      `${base.command} (${base.version}) can't make environments: its venv module is incomplete.`,
      "Install it (on Debian and Ubuntu `apt install python3-venv`), or install uv.",
    );
  }
  clearFolder(folder);
  const name = path.basename(folder);
  if (hasUv) await makeWithUv({ base, name, folder, requirements });
  else await makeWithPip({ base, name, folder, requirements });
  const python = pythonOf(folder);
  const version = askPython(python)?.version;
  if (!version) throw new SetUpError(`${python} does not start.`, `Remove ${folder} and try again.`);
  writeStamp({ folder, requirements: hashFile(requirements), python: version, packages: listPackages(folder) });
  return { python, version, reused: false };
}

interface Making {
  readonly base: Python;
  readonly name: string;
  readonly folder: string;
  readonly requirements: string;
}

async function makeWithUv({ base, name, folder, requirements }: Making): Promise<void> {
  const venv = ["venv", "--allow-existing", "--python", base.command, folder];
  await runStep({ label: `Making ${name} with uv, Python ${base.version}`, command: "uv", args: venv });
  const install = ["pip", "install", "--compile-bytecode", "--python", pythonOf(folder), "-r", requirements];
  await runStep({ label: `Installing packages into ${name}`, command: "uv", args: install });
}

async function makeWithPip({ base, name, folder, requirements }: Making): Promise<void> {
  await runStep({
    label: `Making ${name}, Python ${base.version}`,
    command: base.command,
    args: ["-m", "venv", folder],
  });
  await runStep({
    label: `Installing packages into ${name}`,
    command: pythonOf(folder),
    args: ["-c", PIP, "install", ...PIP_OPTIONS, "-r", requirements],
  });
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

function hashFile(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function pythonOf(folder: string): string {
  return path.join(folder, "bin", "python");
}
