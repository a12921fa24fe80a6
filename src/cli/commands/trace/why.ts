import { type Command, Option } from "commander";
import { explainRead, explainUnread, type ReadRequest } from "../../../compose/actions/look/explain-read.ts";
import { toWhyNotText, toWhyText } from "../../../explain/text/why-text.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { at, type Done, json, registry, session } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { writeText } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

const DATASET_AT_RUN = "a dataset, as the run names it, and the run that read it; or an alias";

const RUN_APART = "the run, if it does not stand behind an @";

/** Declares `why`. */
export function declareWhy(command: Command, done: Done): void {
  command
    .description("explain why a run read this version of a dataset and no other, and list all that it was made of")
    .argument("<dataset@run>", DATASET_AT_RUN)
    .argument("[run]", RUN_APART)
    .option("--not <version>", "explain why it did not read this one: a version, the run that saved it, or its id")
    .addOption(session())
    .addOption(at())
    .addOption(
      new Option("--all", "list every version that was not chosen, each with the rule that excluded it").conflicts(
        "not",
      ),
    )
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave why metrics@report"],
        ["runweave why model_input_table@train --not 0000d783fb92", "why not that version"],
      ),
    )
    .action((dataset, run, { not: version, ...flags }) =>
      done(version === undefined ? printWhy({ dataset, run }, flags) : printWhyNot(version, { dataset, run }, flags)),
    );
}

/** Declares `why-not`. */
export function declareWhyNot(command: Command, done: Done): void {
  command
    .argument("<version>", "the run that saved it, or its id")
    .argument("<dataset@run>", DATASET_AT_RUN)
    .argument("[run]", RUN_APART)
    .addOption(session())
    .addOption(at())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", formatExamples(["runweave why model_input_table@train --not 0000d783fb92"]))
    .action(async (version, dataset, run, flags) => done(printWhyNot(version, { dataset, run }, flags)));
}

type Read = Pick<ReadRequest, "dataset" | "run">;

interface WhyFlags extends RegistryFlag {
  session?: string;
  at?: string;
  /** Lists what was not taken. */
  all?: boolean;
  json?: boolean;
}

/** `runweave why DATASET@RUN`, or `why DATASET RUN`. */
function printWhy(read: Read, flags: WhyFlags): ExitCode {
  const why = explainRead(flags, { ...read, ...flags }, toContext(flags));
  if (flags.json) writeAnswer("why", why);
  else writeText(process.stdout, toWhyText(why, flags));
  return 0;
}

/** `runweave why DATASET@RUN --not VERSION`. */
function printWhyNot(version: string, read: Read, flags: WhyFlags): ExitCode {
  const whyNot = explainUnread(flags, { ...read, ...flags, version }, toContext(flags));
  if (flags.json) writeAnswer("why-not", whyNot);
  else writeText(process.stdout, toWhyNotText(whyNot));
  return 0;
}
