import { existsSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { copyExampleTo } from "../../rig/example-project.ts";
import { type Campaign, withoutBug } from "../trial.ts";
import { runUndisturbed } from "./kedro-workload.ts";
import { TrialFolder } from "./trial-folder.ts";

/** What real projects take. */
const LIMIT_MS = 90_000;
const references = new Map<string, Promise<Record<string, string>>>();

/** The example, copied with the Python that it names where it names it: nothing in it knows of the harness. */
class ExampleWorkload extends TrialFolder {
  constructor(campaign: Campaign & { python: string }, expected: Readonly<Record<string, string>>) {
    const parent = join(campaign.folder, "examples");
    mkdirSync(parent, { recursive: true });
    const project = mkdtempSync(join(parent, "diabetes-"));
    copyExampleTo(project);
    const venv = join(campaign.folder, ".venv");
    if (!existsSync(venv)) symlinkSync(dirname(dirname(campaign.python)), venv);
    super(campaign.folder, { steps: [], expected, file: join(project, "workflow.yaml"), limitMs: LIMIT_MS });
  }
}

/** Null where there is no Python with Kedro. */
export async function makeExampleWorkload(campaign: Campaign): Promise<TrialFolder | null> {
  const { python } = campaign;
  if (python === null) return null;
  const known = references.get(campaign.folder);
  const reference = known ?? runUndisturbed(new ExampleWorkload({ ...campaign, python }, {}), withoutBug(campaign));
  references.set(campaign.folder, reference);
  return new ExampleWorkload({ ...campaign, python }, await reference);
}
