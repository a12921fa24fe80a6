import { type Command, Option } from "commander";
import type { ExitCode } from "../errors.ts";
import { formatExamples } from "./examples.ts";
import { at, json, RUN, registry, SESSION_OR_RUN, session } from "./options.ts";
import { addReproduceCommand } from "./reproduce-command.ts";

type Done = (code: ExitCode) => void;

/** Questions about a result: which runs made it, why from these versions, is it still so, does it come out again. */
export function addTraceCommands(program: Command, done: Done): void {
  addLineage(program, done);
  addWhy(program, done);
  addVerify(program, done);
  addReproduceCommand(program, done);
}

function addLineage(program: Command, done: Done): void {
  program
    .command("lineage")
    .summary("show which runs made what a run read, or read what it made")
    .description("show which runs made what a run read, and which runs read what it made")
    .argument("[run]", `${RUN}; or a session, or a version; with --undeclared: a session (default: all)`)
    .addOption(
      new Option("--direction <way>", "up: what it was made of; down: what was made of it")
        .choices(["up", "down", "both"])
        .default("up"),
    )
    .addOption(session())
    .addOption(
      new Option(
        "--format <format>",
        "openlineage: one event per line; ro-crate: ro-crate-metadata.json; both take a session too",
      )
        .choices(["text", "json", "mermaid", "openlineage", "ro-crate"])
        .conflicts(["mermaid", "json", "undeclared"]),
    )
    .addOption(json().conflicts("mermaid"))
    .option("--mermaid", "print a Mermaid flowchart")
    .addOption(
      new Option("--undeclared", "list what runs loaded from other runs without consuming it").conflicts("mermaid"),
    )
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave lineage report", "all runs that it depends on"],
        ["runweave lineage prep --direction down --mermaid", "all that depends on it, as a flowchart"],
        ["runweave lineage metrics@train --direction down", "all that depends on this version"],
      ),
    )
    .action(async (id, flags) => done((await import("../commands/lineage.ts")).showLineage(id ?? null, flags)));
}

const DATASET_AT_RUN = "a dataset, as the run names it, and the run that read it; or an alias";
const RUN_APART = "the run, if it does not stand behind an @";

/** `why-not VERSION DATASET@RUN` is the earlier form of `why DATASET@RUN --not VERSION`. */
function addWhy(program: Command, done: Done): void {
  program
    .command("why")
    .summary("explain why a run read this version of a dataset and no other")
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
    .action(async (dataset, run, { not: version, ...flags }) => {
      const { explainOtherVersion, explainVersion } = await import("../commands/why.ts");
      const code =
        version === undefined
          ? explainVersion(dataset, run, flags)
          : explainOtherVersion({ version, dataset, run }, flags);
      done(code);
    });
  program
    .command("why-not", { hidden: true })
    .description("explain why a run did not read this version of a dataset: the earlier form of why --not")
    .argument("<version>", "the run that saved it, or its id")
    .argument("<dataset@run>", DATASET_AT_RUN)
    .argument("[run]", RUN_APART)
    .addOption(session())
    .addOption(at())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", formatExamples(["runweave why model_input_table@train --not 0000d783fb92"]))
    .action(async (version, dataset, run, flags) =>
      done((await import("../commands/why.ts")).explainOtherVersion({ version, dataset, run }, flags)),
    );
}

function addVerify(program: Command, done: Done): void {
  program
    .command("verify")
    .summary("check that no record and no output was changed")
    .description(
      "check that nothing recorded was changed: the log's hash chain, every table against the log, every byte of the outputs",
    )
    .argument("[id]", `${SESSION_OR_RUN} (default: the newest session)`)
    .addOption(session())
    .option("--all", "check every run of the registry, every table and the whole log")
    .option("--expect <hash>", "check the whole log, which must contain this hash: its last one, noted earlier")
    .option("--allow-unsealed", "events without a hash are no fault: for a registry from before events had hashes")
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(["runweave verify", "the newest session"], ["runweave verify --all", "every run"]),
    )
    .action(async (id, flags) => done(await (await import("../commands/verify.ts")).verify(id ?? null, flags)));
}
