import { type Command, InvalidArgumentError, Option } from "commander";
import { type ReproduceRequest, reproduceRun } from "../../../compose/actions/reproduce-run.ts";
import { renderReproduction } from "../../../report/result/reproduction.ts";
import { type RegistryFlag, toContext, withStops } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, RUN, registry, session, yes } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { writeText } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

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

function parseTolerance(text: string): number {
  const tolerance = Number(text);
  if (text.trim() === "" || !Number.isFinite(tolerance) || tolerance < 0) {
    throw new InvalidArgumentError("it takes a number, 0 or more, such as 1e-9.");
  }
  return tolerance;
}

/** Declares `reproduce`. */
export function declareReproduce(command: Command, done: Done): void {
  command
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
    .addOption(yes())
    .addOption(registry())
    .addHelpText("after", HELP)
    .action(async (id, flags) => done(await reproduceByCommand(id, flags)));
}

export interface ReproduceFlags extends RegistryFlag, Omit<ReproduceRequest, "run"> {
  json?: boolean;
  yes?: boolean;
}

/** `runweave reproduce RUN`: exit 1 if a result is different, or the run failed. */
export async function reproduceByCommand(
  run: string,
  { registry, json, yes, ...asked }: ReproduceFlags,
): Promise<ExitCode> {
  return await withStops<ExitCode>(async (stops) => {
    const reproduction = await reproduceRun({ registry }, { ...asked, run }, toContext({ json, yes }, stops));
    if (json) writeAnswer("reproduce", reproduction);
    else writeText(process.stdout, `${renderReproduction(reproduction).join("\n")}\n`);
    return reproduction.verdict === "identical" || reproduction.verdict === "equal" ? 0 : 1;
  });
}
