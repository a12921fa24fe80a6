import type { Command } from "commander";
import type { ExitCode } from "./errors.ts";
import { at, json, registry, session } from "./options.ts";

type Done = (code: ExitCode) => void;

const RUN = "a run_id, its beginning, or a run's name";

/** Questions about what happened: why, what differs, what it was made of, whether it is still so. */
export function addExplainCommands(program: Command, done: Done): void {
  program
    .command("why")
    .description("show why a run read this version of a dataset, what it beat, and what it was made of, to the leaves")
    .argument("<dataset>", "a dataset, as the run names it")
    .argument("<run>", RUN)
    .addOption(session())
    .addOption(at())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", "\nExample:\n  $ runweave why metrics report\n")
    .action(async (dataset, run, flags) =>
      done((await import("./commands/why.ts")).explainVersion(dataset, run, flags)),
    );
  program
    .command("why-not")
    .description("name the first rule by which a run did not read this version of a dataset")
    .argument("<version>", "a run_id or its beginning, or a version of the project's own")
    .argument("<dataset>", "a dataset, as the run names it")
    .argument("<run>", RUN)
    .addOption(session())
    .addOption(at())
    .addOption(json())
    .addOption(registry())
    .action(async (version, dataset, run, flags) =>
      done((await import("./commands/why.ts")).explainOtherVersion(version, dataset, run, flags)),
    );
}
