import { type Command, InvalidArgumentError, Option } from "commander";
import type { ExitCode } from "../errors.ts";
import { formatExamples } from "./examples.ts";
import { json, RUN, registry, session } from "./options.ts";

const HELP = `
The run is done in a temporary folder, with the code of its commit, the
uncommitted changes of that time, and the versions that it read. Your checkout,
its repository and the registry are not touched, and no run can consume the
result.
${formatExamples(
  ["runweave reproduce train", "the run of the newest session"],
  ["runweave reproduce report --tolerance 1e-9", "numbers may differ by this much"],
)}
Exit codes: 0 identical or equal; 1 different, or it failed; 2 it can't be done
as it was; 3 the environment is wrong.
`;

/** `reproduce`. */
export function addReproduceCommand(program: Command, done: (code: ExitCode) => void): void {
  program
    .command("reproduce")
    .summary("do a recorded run again and compare the results")
    .description("do a recorded run again with the same code and versions, and compare the results")
    .argument("<run>", RUN)
    .addOption(session())
    .addOption(
      new Option("--tolerance <x>", "how much numbers may differ, relative or absolute").argParser(parseTolerance),
    )
    .option("--ignore-row-order", "compare rows of tables and items of lists in any order")
    .option("--allow-drift", "go on even if packages, Python, variables or outside data have changed")
    .option("--rebuild-env", "make a virtual environment with the recorded packages first")
    .option("--keep", "keep the temporary folder")
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (id, flags) => done(await (await import("../commands/reproduce.ts")).reproduceRun(id, flags)));
}

function parseTolerance(text: string): number {
  const tolerance = Number(text);
  if (text.trim() === "" || !Number.isFinite(tolerance) || tolerance < 0) {
    throw new InvalidArgumentError("it takes a number, 0 or more, such as 1e-9.");
  }
  return tolerance;
}
