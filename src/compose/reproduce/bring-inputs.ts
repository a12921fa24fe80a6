import { constants, existsSync } from "node:fs";
import { cp, glob, readdir } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { type ReproductionDrift, UNKNOWN_CONTENT } from "../../core/answer/reproduction.ts";
import { hasCatalog, isProcess } from "../../core/kinds.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { KedroTask, ProcessTask } from "../../core/port/runner.ts";
import { listSupplied } from "../../core/select-reads.ts";
import { listWrites } from "../../plan/places/settle-reads.ts";
import { kindAt } from "../../versions/data-kind.ts";
import { listBeside } from "../../versions/files-beside.ts";
import { measurePath } from "../../versions/find-change.ts";
import { hashPath } from "../../versions/hash.ts";
import type { StateLocation } from "../locate-state.ts";
import { contentCachePath, openContentCache } from "../reuse/content-cache.ts";
import { walkModule } from "../reuse/walk-module.ts";
import { listWordFiles, listWordPaths } from "../reuse/word-files.ts";
import { type Move, movePath, placeInCheckout } from "./move-task.ts";
import type { PastRun } from "./read-past-run.ts";
import { ReproduceError } from "./reproduce-error.ts";

/** Data in the checkout that git does not have, and that no run saved. */
interface OutsideInput {
  dataset: string;
  path: string;
  /** Set for a version of the project's own: the files beside it belong to it. */
  version?: string;
}

/**
 * Copies into the rebuilt code what the run read of the checkout and git does not have. Copies, as the run may write there.
 * Returns what is not, or may not be, what it was. Throws ReproduceError if something is gone.
 */
export async function bringInputs(
  past: PastRun,
  { reader, state, move }: { reader: RegistryReader; state: StateLocation; move: Move },
): Promise<ReproductionDrift[]> {
  const { task } = past.planned;
  const inputs = isProcess(task) ? await listWords(past, task, state) : listLoaded(past, reader, state);
  if (hasCatalog(task)) await linkConfiguration(task, move);
  else if (task.kind === "module") await linkPackages(dirname(task.module.path), move);
  const drifts: ReproductionDrift[] = [];
  for (const input of inputs) {
    if (!existsSync(input.path)) {
      const hint = "a file from outside the project is not kept by runweave: restore it";
      throw new ReproduceError("input-gone", `'${input.dataset}' was read from ${input.path}, which is gone`, hint);
    }
    drifts.push(...(await findDrift(input, past)));
    for (const path of await listFiles(input)) await bring(path, move);
  }
  return drifts;
}

async function listFiles({ path, version }: OutsideInput): Promise<string[]> {
  const beside = version === undefined ? [] : await listBeside({ location: path, version });
  return [path, ...beside.map((name) => join(dirname(path), name))];
}

async function bring(path: string, move: Move): Promise<void> {
  const target = movePath(path, move);
  if (target === path || existsSync(target)) return;
  const { ensureDir } = await import("fs-extra/esm");
  await ensureDir(dirname(target));
  // A pipe, a socket or a device is no data, and would be waited for.
  const filter = async (from: string) => (await kindAt(from).catch(() => null)) !== "other";
  await cp(path, target, { recursive: true, mode: constants.COPYFILE_FICLONE, filter });
}

function listLoaded({ record, planned }: PastRun, reader: RegistryReader, state: StateLocation): OutsideInput[] {
  const given = listSupplied(planned).map(([name]) => name);
  const own = new Set([...given, ...listWrites(planned), ...Object.keys(record.outputs)]);
  const found = new Map<string, OutsideInput>();
  for (const { dataset, location, version } of reader.loadsOf([record.run_id])) {
    if (location === null || !isAbsolute(location) || own.has(dataset) || version === record.run_id) continue;
    if (location.startsWith(`${state.root}/`)) continue;
    found.set(location, { dataset, path: location, ...(version === null ? {} : { version }) });
  }
  return [...found.values()];
}

/** The words of a command that are files, or the files of its module, and its declared sources. */
async function listWords(
  { planned: { definition } }: PastRun,
  task: ProcessTask,
  state: StateLocation,
): Promise<OutsideInput[]> {
  const found =
    task.kind === "module"
      ? await listModuleFiles(task.module.path, state)
      : [...listWordPaths(task).filter((path) => existsSync(path)), ...listWordFiles(task)];
  for (const pattern of isProcess(definition) ? definition.sources : []) {
    for await (const path of glob(pattern)) found.push(path);
  }
  return [...new Set(found)].map((path) => ({ dataset: path, path }));
}

/** Lists the files that a module imports. Those that git does not have, such as generated code, are brought as they are now. */
async function listModuleFiles(path: string, { root }: StateLocation): Promise<string[]> {
  const content = openContentCache(contentCachePath(root), Date.now);
  const { files } = await walkModule(path, { dir: dirname(path), content });
  return files.map((file) => file.path);
}

/** Compares the content of an input with the recorded one; without a record, checks if the input was written to since the run began. */
async function findDrift({ dataset, path }: OutsideInput, { record, hashes }: PastRun): Promise<ReproductionDrift[]> {
  const before = Object.hasOwn(hashes, dataset) ? hashes[dataset] : undefined;
  if (before !== undefined) {
    const { hash } = await hashPath({ path });
    return hash === before ? [] : [{ kind: "input", name: dataset, before, after: hash }];
  }
  const { modifiedMs } = await measurePath(path);
  const startMs = Date.parse(record.start_time ?? "");
  if (isProcess(record) || !(modifiedMs > startMs)) return [];
  const after = `written to at ${new Date(modifiedMs).toISOString()}`;
  return [{ kind: "input", name: dataset, before: UNKNOWN_CONTENT, after }];
}

/** Links the configuration that Kedro reads and git does not have: `conf/local`, credentials. Links will do, as it is only read. */
async function linkConfiguration({ project_path, conf_source, env }: KedroTask, move: Move): Promise<void> {
  const folder = conf_source ?? join(project_path, "conf");
  if (placeInCheckout(folder, move) === null) return;
  for (const name of new Set(["base", "local", env ?? "local"])) await linkMissing(join(folder, name), move);
}

/** The packages that a module in `folder` can import: git has none of them. Read only, so links. */
async function linkPackages(folder: string, move: Move): Promise<void> {
  if (placeInCheckout(join(folder, "node_modules"), move) === null) return;
  const packages = join(folder, "node_modules");
  const target = movePath(packages, move);
  if (existsSync(packages) && !existsSync(target)) {
    const { ensureSymlink } = await import("fs-extra/esm");
    await ensureSymlink(packages, target);
  }
  await linkPackages(dirname(folder), move);
}

async function linkMissing(folder: string, move: Move): Promise<void> {
  if (!existsSync(folder)) return;
  // Git keeps no empty folder, and Kedro does not start without the one of its environment.
  const { ensureDir, ensureSymlink } = await import("fs-extra/esm");
  await ensureDir(movePath(folder, move));
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const target = movePath(path, move);
    // Files in the commit are there already; of the others, only those that are kept out of git are linked.
    if (!entry.isFile() || existsSync(target) || !isLinked(path)) continue;
    await ensureSymlink(path, target);
  }
}

/** True for configuration that git does not have and that is linked from the checkout. */
export function isLinked(path: string): boolean {
  return /\/local\/|\/credentials[^/]*$/.test(path);
}
