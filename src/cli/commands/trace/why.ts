import { type Command, Option } from "commander";
import { readRegistry } from "../../../compose/actions/context.ts";
import { readSpec } from "../../../compose/failures/read-spec.ts";
import type { StateLocation } from "../../../compose/locate-state.ts";
import { lostRecord } from "../../../core/error/registry-error.ts";
import type { RegistryReader } from "../../../core/port/registry.ts";
import type { RunId } from "../../../core/run-id.ts";
import type { Fallback } from "../../../explain/find/find-named.ts";
import { listFallbacks } from "../../../explain/find/find-named.ts";
import { findTarget, readTarget, type Target } from "../../../explain/find/read-target.ts";
import { toWhyNotText, toWhyText } from "../../../explain/text/why-text.ts";
import { explainAbsence, explainPin, type WhyQuestion } from "../../../explain/why.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { at, type Done, json, registry, session } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { findStartedRun } from "../../find/find-and-tell.ts";
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
      done(
        version === undefined
          ? explainVersion(dataset, run, flags)
          : explainOtherVersion({ version, dataset, run }, flags),
      ),
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
    .action(async (version, dataset, run, flags) => done(explainOtherVersion({ version, dataset, run }, flags)));
}

export interface WhyFlags extends RegistryFlag {
  session?: string;
  at?: string;
  /** Lists what was not taken. */
  all?: boolean;
  json?: boolean;
}

/** `runweave why DATASET@RUN`, or `why DATASET RUN`. */
export function explainVersion(dataset: string, run: string | undefined, flags: WhyFlags): ExitCode {
  const why = readRegistry(flags, toContext(flags), (reader, state) => {
    const { question, fallback } = askOf(reader, { read: readRead(reader, { dataset, run }, flags), flags, state });
    return { ...explainPin(reader, { ...question, all: flags.all ?? false }), fallbacks: listFallbacks(fallback) };
  });
  if (flags.json) writeAnswer("why", why);
  else writeText(process.stdout, toWhyText(why, flags));
  return 0;
}

interface WhyNotTarget {
  /** A run that saved it, or a version of the project's own. */
  version: string;
  dataset: string;
  run: string | undefined;
}

/** `runweave why DATASET@RUN --not VERSION`. */
export function explainOtherVersion({ version, dataset, run }: WhyNotTarget, flags: WhyFlags): ExitCode {
  const whyNot = readRegistry(flags, toContext(flags), (reader, state) => {
    const { question, fallback } = askOf(reader, { read: readRead(reader, { dataset, run }, flags), flags, state });
    const other = findOther(reader, version, flags);
    const absence = explainAbsence(reader, { ...question, version: other.version });
    return { ...absence, fallbacks: listFallbacks(fallback, other.fallback) };
  });
  if (flags.json) writeAnswer("why-not", whyNot);
  else writeText(process.stdout, toWhyNotText(whyNot));
  return 0;
}

/** Finds the dataset and the run that read it, in one word or two. An alias stands for a version, and for the run that saved it. */
function readRead(
  reader: RegistryReader,
  { dataset, run }: { dataset: string; run: string | undefined },
  { at }: WhyFlags,
): Target {
  return run === undefined
    ? readTarget(reader, dataset, { usage: "runweave why DATASET@RUN", at })
    : { dataset, word: run };
}

/** Finds the version in question. The name of a run, or of its output, stands for the attempt that is found; another word stays as it is. */
function findOther(
  reader: RegistryReader,
  version: string,
  { session, at }: WhyFlags,
): { version: string; fallback: Fallback | null } {
  const isName = reader.runsNamed(version).length > 0 || findTarget(reader, version, at) !== null;
  if (!isName) return { version, fallback: null };
  const { run, fallback } = findStartedRun(reader, version, { session, at });
  return { version: run.run_id, fallback };
}

function askOf(
  reader: RegistryReader,
  { read, flags, state }: { read: Target; flags: WhyFlags; state: StateLocation },
): { question: WhyQuestion; fallback: Fallback | null } {
  const { session, at } = flags;
  const { dataset, word } = read;
  const { run: found, fallback } = findStartedRun(reader, word, { session, at });
  const [run] = reader.findHeads([found.run_id]);
  if (run === undefined) throw lostRecord(`run ${found.run_id}`);
  return { question: { dataset, run, at: at ?? null, floating: listFloating(state, found.run_id) }, fallback };
}

/** Lists floating datasets as the run's process was told; none if its spec does not exist any more. */
function listFloating(state: StateLocation, runId: RunId): string[] {
  const floating = readSpec(state, runId)?.floating;
  return Array.isArray(floating) ? floating.filter((name) => typeof name === "string") : [];
}
