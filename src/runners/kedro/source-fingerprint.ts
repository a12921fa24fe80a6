import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const SOURCE_FILE = /\.(py|ya?ml|json|toml)$/;
/** Files without JSON: where sources are all that a project has, JSON may be what its runs write. */
const CODE_FILE = /\.(py|ya?ml|toml)$/;
const SKIPPED = new Set(["__pycache__", "node_modules"]);
const DATA_FOLDERS = new Set(["data", "logs"]);
/** Lines that Kedro's telemetry adds to pyproject.toml when a project is run for the first time (kedro-telemetry 0.9). */
const TELEMETRY_TABLE = /\n\[tool\.kedro_telemetry\]\nproject_id = "[^"\n]*"\n/;

/**
 * Changes when a file that a worker has loaded changes: Python, configuration, pyproject.toml. By times, inode and size, as
 * it is asked before every run, but for pyproject.toml; a file that can't be read counts as not there.
 */
export function fingerprintSources(projectPath: string, confSource: string | null): string {
  return fingerprint(projectPath, confSource, SOURCE_FILE);
}

/** Fingerprints the sources without JSON among them: a change of the rest is an edit, and not made by a run. */
export function fingerprintCode(projectPath: string, confSource: string | null): string {
  return fingerprint(projectPath, confSource, CODE_FILE);
}

function fingerprint(projectPath: string, confSource: string | null, ofSources: RegExp): string {
  const hash = createHash("sha1");
  const pyproject = join(projectPath, "pyproject.toml");
  const settings = readText(pyproject).replace(TELEMETRY_TABLE, "");
  hash.update(`${pyproject}\0${settings}\n`);
  const source = resolve(projectPath, /^\s*source_dir\s*=\s*["'](.*)["']/m.exec(settings)?.[1] ?? "src");
  addFolder(hash, source, { skipped: source === resolve(projectPath) ? DATA_FOLDERS : SKIPPED, files: ofSources });
  const configuration = confSource ?? join(projectPath, "conf");
  addFile(hash, configuration);
  addFolder(hash, configuration, { skipped: SKIPPED, files: SOURCE_FILE });
  return hash.digest("hex");
}

/** Changes when one of these files does, by times, inode and size. */
export function fingerprintFiles(paths: readonly string[]): string {
  const hash = createHash("sha1");
  for (const path of paths) addFile(hash, path);
  return hash.digest("hex");
}

function addFolder(
  hash: Hash,
  folder: string,
  { skipped, files }: { skipped: ReadonlySet<string>; files: RegExp },
): void {
  for (const entry of listFolder(folder)) {
    if (entry.name.startsWith(".") || skipped.has(entry.name) || SKIPPED.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) addFolder(hash, path, { skipped: SKIPPED, files });
    else if (files.test(entry.name)) addFile(hash, path);
  }
}

function addFile(hash: Hash, path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  // A folder's own time changes with every __pycache__.
  if (found?.isFile()) hash.update(`${path}\0${found.mtimeMs}\0${found.ctimeMs}\0${found.ino}\0${found.size}\n`);
}

function listFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
