import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeToyProject } from "../../rig/toy-project.ts";
import { type Campaign, withoutBug } from "../trial.ts";
import { readOutputs } from "./disk-invariants.ts";
import { readRegistry } from "./read-registry.ts";
import { startRun } from "./sessions.ts";
import { TrialFolder } from "./trial-folder.ts";

/** Each child says who it is before its first node, and each node takes a moment, so that it can be cut off. */
const SETTINGS = `
import os
from kedro.framework.hooks import hook_impl

class Witness:
    @hook_impl
    def before_pipeline_run(self, run_params):
        params = run_params["runtime_params"]
        line = f"{run_params['run_id']} {params['name']} {os.getpid()}\\n"
        fd = os.open(params["witness"], os.O_WRONLY | os.O_APPEND)
        os.write(fd, line.encode())
        os.close(fd)
        print(params["name"], "begins", flush=True)

    @hook_impl
    def after_pipeline_run(self, run_params):
        print(run_params["runtime_params"]["name"], "ends", flush=True)

HOOKS = (Witness(),)
`;

/** Outputs in files and in no catalog, a versioned one, intermediates in memory, a node with two outputs. */
const PIPELINES = `
import time

def step(name, work, inputs, outputs):
    def run(*data):
        time.sleep(0.04)
        return work(*data)
    run.__name__ = name
    return node(run, inputs, outputs, name=name)

def register_pipelines():
    return {
        "left": Pipeline([
            step("left_1", lambda name: {"by": name}, ["params:name"], "loose"),
            step("left_2", lambda loose: ({**loose, "n": 2}, [loose]), ["loose"], ["kept", "spare"]),
            step("left_3", lambda kept, spare: {"kept": kept, "spare": spare}, ["kept", "spare"], "left"),
        ]),
        "right": Pipeline([
            step("right_1", lambda name: {"by": name}, ["params:name"], "table"),
            step("right_2", lambda table: {**table, "right": True}, ["table"], "right"),
        ]),
        "join": Pipeline([
            step("join_1", lambda left, right: [left, right], ["left", "right"], "pair"),
            step("join_2", lambda pair: {"joined": pair}, ["pair"], "join"),
        ]),
        "last": Pipeline([
            step("last_1", lambda join: {"last": join}, ["join"], "rough"),
            step("last_2", lambda rough: rough, ["rough"], "last"),
        ]),
    }
`;

const CATALOG = `
kept: { type: json.JSONDataset, filepath: data/kept.json, versioned: true }
table: { type: json.JSONDataset, filepath: data/table.json }
left: { type: json.JSONDataset, filepath: data/left.json, versioned: true }
right: { type: json.JSONDataset, filepath: data/right.json }
last: { type: json.JSONDataset, filepath: data/last.json }
`;

const CONSUMES: Readonly<Record<string, readonly string[]>> = {
  left: [],
  right: [],
  join: ["left", "right"],
  last: ["join"],
};

/** One beside that of the base, which has the same catalog. */
export const OTHER_ENVIRONMENT = "other";

const projects = new Map<string, string>();
/** What real projects take. */
const LIMIT_MS = 90_000;
const references = new Map<string, Promise<Record<string, string>>>();

/** A workflow of runs of a real Kedro project, as what it saves when nothing goes wrong. */
class KedroWorkload extends TrialFolder {
  constructor(campaign: Campaign & { python: string }, { expected, run = () => ({}) }: KedroParts) {
    super(campaign.folder, { steps: Object.keys(CONSUMES), expected, limitMs: LIMIT_MS });
    const runs = Object.entries(CONSUMES).map(([name, from]) => {
      const consumes = Object.fromEntries(from.map((each) => [each, each]));
      const params = { name, witness: this.witness };
      return [name, { pipeline: name, params, consumes, outputs: [name], ...run(name) }];
    });
    const header = { project: findProject(campaign.folder), python: campaign.python, max_parallel: 2 };
    writeFileSync(this.file, JSON.stringify({ ...header, runs: Object.fromEntries(runs) }));
  }
}

interface KedroParts {
  expected: Readonly<Record<string, string>>;
  /** Further fields of a run. */
  run?: ((name: string) => object) | undefined;
}

/** Null where there is no Python with Kedro. The first one of a campaign runs its session undisturbed, for comparison. */
export async function makeKedroWorkload(campaign: Campaign, run?: KedroParts["run"]): Promise<TrialFolder | null> {
  const { python } = campaign;
  if (python === null) return null;
  const reference =
    references.get(campaign.folder) ??
    runUndisturbed(new KedroWorkload({ ...campaign, python }, { expected: {} }), withoutBug(campaign));
  references.set(campaign.folder, reference);
  return new KedroWorkload({ ...campaign, python }, { expected: await reference, run });
}

/** What a workload's outputs are if nothing happens to its session. */
export async function runUndisturbed(workload: TrialFolder, campaign: Campaign): Promise<Record<string, string>> {
  try {
    const { exitCode, stderr } = await startRun(workload, campaign).ended;
    const session = readRegistry(workload, (registry) => registry.findSession("latest"));
    if (session?.status !== "success") throw new Error(`an undisturbed session ended with ${exitCode}: ${stderr}`);
    return readOutputs(session);
  } finally {
    workload.remove();
  }
}

/** One for all trials: runs never write to it. */
function findProject(parent: string): string {
  const found = projects.get(parent);
  if (found !== undefined) return found;
  const folder = join(parent, "project");
  projects.set(parent, folder);
  return writeToyProject({
    folder,
    pipelines: PIPELINES,
    catalog: CATALOG,
    settings: SETTINGS,
    parameters: "name: none\n",
    files: { [`conf/${OTHER_ENVIRONMENT}/.gitkeep`]: "" },
  });
}
