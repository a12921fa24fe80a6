import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { EnvironmentError } from "../core/environment-error.ts";
import type { KedroTask } from "../core/runner.ts";
import { readColdProjects } from "../runners/kedro/cold-projects.ts";
import { type LocateOptions, locateState } from "./locate-state.ts";
import type { ProbeProject } from "./prepare/probe-runs.ts";

/** One thing that runs need, and whether it is there. */
export interface Finding {
  what: string;
  ok: boolean;
  /** What was found, or what is wrong. */
  detail: string;
  hint: string | null;
}

/** A Kedro project to check, as runs name it. */
export type ProjectAddress = Pick<KedroTask, "project_path" | "python" | "env" | "conf_source">;

const LOW_DISK_BYTES = 1e9;

/** Whether this machine and these projects have what runs need. Never throws. */
export async function checkMachine(
  location: LocateOptions,
  projects: { addresses: readonly ProjectAddress[]; probe: ProbeProject },
): Promise<Finding[]> {
  const state = locateState(location);
  const asked = await Promise.all(projects.addresses.map((address) => checkProject(address, projects.probe)));
  return [checkNode(), checkSqlite(), checkState(state.root), checkDisk(state.root), ...asked, ...listCold(state.root)];
}

/** What is kept from running warm is slower, not wrong. */
function listCold(root: string): Finding[] {
  return readColdProjects(root).map(({ project_path, leaks, since }) => {
    const detail = `cold since ${since}, as \`run --verify-warm\` found these leaking: ${leaks.join("; ")}`;
    return { what: `project ${project_path}`, ok: true, detail, hint: "--forget-cold lets it run warm again" };
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
  return { what: "Node", ok: true, detail: process.version, hint: null };
}

function checkSqlite(): Finding {
  return { what: "SQLite", ok: true, detail: process.versions.sqlite ?? "unknown", hint: null };
}

function checkState(root: string): Finding {
  const folder = nearestExisting(root);
  try {
    accessSync(folder, constants.W_OK);
    return { what: "registry", ok: true, detail: existsSync(root) ? root : `${root} (will be made)`, hint: null };
  } catch {
    const hint = "make it writable, or choose another place with --registry or RUNWEAVE_REGISTRY";
    return { what: "registry", ok: false, detail: `${folder} is not writable`, hint };
  }
}

function checkDisk(root: string): Finding {
  const { bavail, bsize } = statfsSync(nearestExisting(root));
  const free = bavail * bsize;
  const hint = "every run keeps its own outputs: make room, or choose another disk with `store`";
  return { what: "disk", ok: free > LOW_DISK_BYTES, detail: `${(free / 1e9).toFixed(1)} GB free`, hint };
}

async function checkProject(address: ProjectAddress, probe: ProbeProject): Promise<Finding> {
  const what = `project ${address.project_path}${address.env === null ? "" : ` (env ${address.env})`}`;
  try {
    const answer = await probe(address as KedroTask, { runtime_params: {}, slices: {} });
    if (!answer.ok) {
      const [problem] = answer.problems;
      return { what, ok: false, detail: problem?.message ?? "can't be asked", hint: problem?.hint ?? null };
    }
    const { python, kedro, pipelines } = answer.value;
    return { what, ok: true, detail: `Python ${python}, Kedro ${kedro}, ${pipelines.length} pipelines`, hint: null };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { what, ok: false, detail: error.message, hint: error.hint };
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}
