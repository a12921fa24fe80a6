import { resolve } from "node:path";
import { type AdoptedRun, adoptProject } from "../../compose/adopt-project.ts";
import { findProject } from "../../compose/check-machine.ts";
import { CliError, type ExitCode } from "../errors.ts";
import { openActing } from "../open-workspace.ts";
import { writeLines } from "../terminal.ts";
import { writeAnswer } from "../write-answer.ts";

export interface AdoptFlags {
  registry?: string;
  python?: string;
  env?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** `runweave adopt [PROJECT]`. */
export async function adopt(folder: string, flags: AdoptFlags): Promise<ExitCode> {
  const found = findProject(resolve(folder));
  if (found === null) {
    const hint = "name the folder with the pyproject.toml that has a [tool.kedro] section";
    throw new CliError("no-project", `there is no Kedro project at ${resolve(folder)}, nor above it`, { hint });
  }
  const address = { ...found, python: flags.python ?? found.python, env: flags.env ?? found.env };
  const workspace = openActing({ registry: flags.registry, from: address.project_path });
  const { probe, registry, clock } = workspace;
  try {
    const runs = await adoptProject({ address, probe, registry, clock, dryRun: flags.dryRun ?? false });
    if (flags.json) writeAnswer("adopt", { project: address.project_path, dry_run: flags.dryRun ?? false, runs });
    else writeLines(process.stdout, tell(runs, flags.dryRun ?? false));
    return 0;
  } finally {
    await workspace.close();
  }
}

function tell(runs: readonly AdoptedRun[], dryRun: boolean): string[] {
  const fresh = runs.filter(({ known }) => !known);
  const lines = fresh.map(({ run_id, datasets }) => `${run_id}  ${datasets.join(", ")}`);
  if (runs.length === 0)
    return ["there are no versions: no entry of the catalog is `versioned`, or none was saved yet"];
  const what = `${fresh.length} ${fresh.length === 1 ? "version" : "versions"}`;
  const before = runs.length === fresh.length ? "" : `; ${runs.length - fresh.length} were adopted before`;
  return [...lines, `${dryRun ? "would adopt" : "adopted"} ${what}${before}`];
}
