import type { Command } from "commander";
import { type Adoption, type AdoptRequest, adoptProject } from "../../../compose/actions/adopt-project.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `adopt`. */
export function declareAdopt(command: Command, done: Done): void {
  command
    .description(
      "record versions that a Kedro project has from before runweave, so that runs can consume and trace them",
    )
    .argument("[project]", "the project's folder", ".")
    .option("--python <path>", "the project's Python (default: its .venv, the active one, python3)")
    .option("--env <name>", "Kedro's environment")
    .option("--dry-run", "only list them")
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(["runweave adopt --dry-run", "what there is"], ["runweave adopt ./project", "nothing is copied"]),
    )
    .action(async (folder, flags) => done(await adoptByCommand(folder, flags)));
}

export interface AdoptFlags extends RegistryFlag, Omit<AdoptRequest, "folder"> {
  json?: boolean;
}

/** `runweave adopt [PROJECT]`. */
export async function adoptByCommand(folder: string, { registry, json, ...asked }: AdoptFlags): Promise<ExitCode> {
  const { dryRun = false } = asked;
  const { project, runs, hasOwn } = await adoptProject({ registry }, { ...asked, folder }, toContext({ json }));
  if (json) writeAnswer("adopt", { project, dry_run: dryRun, runs });
  else writeLines(process.stdout, tell({ runs, hasOwn }, dryRun));
  return 0;
}

function tell({ runs, hasOwn }: Pick<Adoption, "runs" | "hasOwn">, dryRun: boolean): string[] {
  const fresh = runs.filter(({ known }) => !known);
  const before = runs.length - fresh.length;
  if (fresh.length === 0) {
    if (before > 0) return [`nothing new: ${before} ${before === 1 ? "version was" : "versions were"} adopted before`];
    if (hasOwn) return ["nothing new: runweave saved all versions that there are, each with its run on record"];
    return ["there are no versions: no entry of the catalog is `versioned`, or none was saved yet"];
  }
  const lines = fresh.map(({ run_id, datasets }) => `${run_id}  ${datasets.join(", ")}`);
  const what = `${fresh.length} ${fresh.length === 1 ? "version" : "versions"}`;
  return [
    ...lines,
    `${dryRun ? "would adopt" : "adopted"} ${what}${before === 0 ? "" : `; ${before} were adopted before`}`,
  ];
}
