import type { Command } from "commander";
import type { ExitCode } from "./errors.ts";
import { json, registry, session } from "./options.ts";

const VERSION = "what a run saved: the run by its name or run_id, a session for the run of it that saved that";

const EXAMPLES = `
Examples:
  $ runweave path metrics@report                     where it is, for other programs
  $ runweave cat metrics@report
  $ runweave export 'model@train[alpha=3]' model.pkl
`;

/** The data that runs saved, given to people. */
export function addDataCommands(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("path")
    .description("print the path of what a run saved")
    .argument("<dataset@run>", VERSION)
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", EXAMPLES)
    .action(async (target, flags) => done((await import("./commands/data.ts")).printPath(target, flags)));
  program
    .command("cat")
    .description("print a file that a run saved")
    .argument("<dataset@run>", VERSION)
    .addOption(session())
    .addOption(registry())
    .addHelpText("after", EXAMPLES)
    .action(async (target, flags) => done(await (await import("./commands/data.ts")).printData(target, flags)));
  program
    .command("export")
    .description("copy what a run saved to a place of your own")
    .argument("<dataset@run>", VERSION)
    .argument("<place>", "a path that is free; in a folder that is there it keeps its name")
    .option("--force", "replace files that are there; folders are never replaced")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", EXAMPLES)
    .action(async (target, place, flags) =>
      done(await (await import("./commands/data.ts")).exportData(target, place, flags)),
    );
}

/** The data that a project had before, taken into the registry. */
export function addAdoption(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("adopt")
    .description("record the versions that a Kedro project already has on disk as past runs, to consume and trace them")
    .argument("[project]", "the project's folder", ".")
    .option("--python <path>", "the project's Python (default: its .venv, the active one, python3)")
    .option("--env <name>", "Kedro's environment")
    .option("--dry-run", "list them only")
    .addOption(json())
    .addOption(registry())
    .action(async (folder, flags) => done(await (await import("./commands/adopt.ts")).adopt(folder, flags)));
}
