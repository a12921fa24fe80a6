import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { EnvironmentError } from "../core/error/environment-error.ts";
import { FREE_SPACE, isDiskFull } from "../core/error/system-error.ts";
import type { ProjectAddress } from "../core/port/project-agent.ts";
import { formatLocalTime } from "../core/text/local-time.ts";
import { openUpkeep } from "../runners/index.ts";
import { checkState } from "./doctor/check-state.ts";
import { type Finding, findingFail, findingOk, findingWarn } from "./doctor/finding.ts";
import { type LocateOptions, locateState, type StateLocation } from "./locate-state.ts";
import type { ProbeProject } from "./prepare/probe-runs.ts";

const LOW_DISK_BYTES = 1e9;

/**
 * Checks what runs need of this machine and these projects, and that the state folder is whole. Throws RegistryError alone, for one
 * that is not trusted.
 */
export async function checkMachine(
  location: LocateOptions,
  projects: { addresses: readonly ProjectAddress[]; probe: ProbeProject; isAssumed?: boolean },
): Promise<Finding[]> {
  const state = locateState(location);
  const found = await Promise.all(projects.addresses.map((address) => checkProject(address, projects.probe)));
  const asked = projects.isAssumed === true ? found.map(softenAssumed) : found;
  const machine = [checkNode(), checkSqlite(), checkAccess(state.root), checkDisk(state.root)];
  return [...machine, ...checkState(state, Date.now()), ...asked, ...listCold(state)];
}

/** Lists projects that can't run warm: they are slower, not wrong. */
function listCold(state: StateLocation): Finding[] {
  return openUpkeep(state)
    .listCold()
    .map(({ project_path, leaks, since }) => {
      const detail = `cold since ${formatLocalTime(since)}, as \`run --verify-warm\` found these leaking: ${leaks.join("; ")}`;
      return findingOk(`project ${project_path}`, detail, "--forget-cold lets it run warm again");
    });
}

/** The Kedro project around a folder, if there is one. */
export function findProject(folder: string): ProjectAddress | null {
  const file = join(folder, "pyproject.toml");
  if (existsSync(file) && readFileSync(file, "utf8").includes("[tool.kedro]")) {
    return { project_path: folder, python: null, env: null, conf_source: null };
  }
  return dirname(folder) === folder ? null : findProject(dirname(folder));
}

function checkNode(): Finding {
  return findingOk("Node", process.version);
}

function checkSqlite(): Finding {
  return findingOk("SQLite", process.versions.sqlite ?? "unknown");
}

function checkAccess(root: string): Finding {
  const folder = nearestExisting(root);
  try {
    accessSync(folder, constants.W_OK);
    return findingOk("registry", existsSync(root) ? root : `${root} (will be made)`);
  } catch {
    const hint = "make it writable, or choose another place with --registry or RUNWEAVE_REGISTRY";
    return findingFail("registry", `${folder} is not writable`, hint);
  }
}

function checkDisk(root: string): Finding {
  const { bavail, bsize } = statfsSync(nearestExisting(root));
  const free = bavail * bsize;
  const hint = "every run keeps its own outputs: make room, or choose another disk with `store`";
  const detail = `${(free / 1e9).toFixed(1)} GB free`;
  return free > LOW_DISK_BYTES ? findingOk("disk", detail, hint) : findingFail("disk", detail, hint);
}

async function checkProject(address: ProjectAddress, probe: ProbeProject): Promise<Finding> {
  const what = `project ${address.project_path}${address.env === null ? "" : ` (env ${address.env})`}`;
  try {
    const answer = await probe(address, { runtime_params: {}, slices: {} });
    if (!answer.ok) {
      const [problem] = answer.problems;
      return findingFail(what, problem?.message ?? "can't be asked", problem?.hint ?? null);
    }
    const { python, executable, kedro, pipelines } = answer.value;
    const where = executable === undefined ? "" : ` (${executable})`;
    return findingOk(what, `Python ${python}${where}, Kedro ${kedro}, ${pipelines.length} pipelines`);
  } catch (error) {
    if (isDiskFull(error)) return findingFail(what, `can't be asked: ${error.message}`, FREE_SPACE);
    if (!(error instanceof EnvironmentError)) throw error;
    return findingFail(what, error.message, error.hint);
  }
}

/** The project that is just around may be run with a Python that only its workflow names. */
function softenAssumed(finding: Finding): Finding {
  if (finding.ok) return finding;
  return findingWarn(
    finding.what,
    finding.detail,
    "`runweave doctor FILE` asks with the Python that the workflow names",
  );
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}
