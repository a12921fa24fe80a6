import { type Command, InvalidArgumentError, Option } from "commander";
import type { ExitCode } from "./errors.ts";
import { json, RUN, registry, session } from "./options.ts";

const HELP = `
The code is its commit with the changes that were kept, in a scratch place that is removed afterwards; the versions that it read
are read again. The checkout, its repository and the registry are left alone, and nobody can consume what comes of it.

Exit codes: 0 identical, or equal; 1 different, or it failed; 2 it can't be done again as it was; 3 the environment is wrong.

Examples:
  $ runweave reproduce train                       the run of the newest session
  $ runweave reproduce report --tolerance 1e-9     numbers may differ by so much
`;

/** `reproduce`. */
export function addReproduceCommand(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("reproduce")
    .description("do a recorded run again, on its code and versions, and compare what it saves with what it saved")
    .argument("<run>", RUN)
    .addOption(session())
    .addOption(
      new Option("--tolerance <x>", "by how much numbers may differ, relative and absolute").argParser(parseTolerance),
    )
    .option("--ignore-row-order", "rows of tables, and items of lists, may stand in any order")
    .option("--allow-drift", "go on though packages, Python, variables or data from outside are not as they were")
    .option("--rebuild-env", "make a virtual environment with the recorded packages")
    .option("--keep", "keep the scratch place")
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (id, flags) => done(await (await import("./commands/reproduce.ts")).reproduceRun(id, flags)));
}

function parseTolerance(text: string): number {
  const tolerance = Number(text);
  if (text.trim() === "" || !Number.isFinite(tolerance) || tolerance < 0) {
    throw new InvalidArgumentError("it takes a number from 0, such as 1e-9.");
  }
  return tolerance;
}
