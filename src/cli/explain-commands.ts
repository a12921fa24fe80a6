import { Argument, type Command } from "commander";
import type { ExitCode } from "./errors.ts";
import { addHealCommand } from "./heal-command.ts";
import { at, json, RUN, registry, SESSION_OR_RUN, session } from "./options.ts";

type Done = (code: ExitCode) => void;

/** Questions about what happened: why, what differs, what it was made of, whether it is still so. */
export function addExplainCommands(program: Command, done: Done): void {
  program
    .command("why")
    .description("show why a run read this version of a dataset, what it beat, and what it was made of, to the leaves")
    .argument("<dataset@run>", "a dataset, as the run names it, and the run that read it")
    .argument("[run]", "the run, if it is not behind an @")
    .addOption(session())
    .addOption(at())
    .option("--all", "list every version that was not taken, each with the rule that excluded it")
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", "\nExample:\n  $ runweave why metrics@report\n")
    .action(async (dataset, run, flags) =>
      done((await import("./commands/why.ts")).explainVersion(dataset, run, flags)),
    );
  program
    .command("why-not")
    .description("name the first rule by which a run did not read this version of a dataset")
    .argument("<version>", "the run that saved it, or a version of the project's own")
    .argument("<dataset@run>", "a dataset, as the run names it, and the run that read it")
    .argument("[run]", "the run, if it is not behind an @")
    .addOption(session())
    .addOption(at())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", "\nExample:\n  $ runweave why-not 0000d783fb92 model_input_table@train\n")
    .action(async (version, dataset, run, flags) =>
      done((await import("./commands/why.ts")).explainOtherVersion({ version, dataset, run }, flags)),
    );
  program
    .command("diff")
    .description("show how two runs, with what is upstream of them, or two sessions differ: the first cause first")
    .argument("<a>", SESSION_OR_RUN)
    .argument("<b>", "what to compare it with")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .action(async (a, b, flags) => done(await (await import("./commands/diff.ts")).showDiff(a, b, flags)));
  program
    .command("verify")
    .description(
      "check that what was recorded still holds: the log's hash chain, the records, every byte of the outputs",
    )
    .argument("[id]", `${SESSION_OR_RUN} (default: the newest session)`)
    .addOption(session())
    .option("--all", "every run of the registry, and the whole log")
    .option("--expect <hash>", "the whole log, which must contain this hash: a head that was noted earlier")
    .addOption(json())
    .addOption(registry())
    .action(async (id, flags) => done(await (await import("./commands/verify.ts")).verify(id ?? null, flags)));
}

/** What people say of runs. */
export function addNamingCommands(program: Command, done: Done): void {
  program
    .command("alias")
    .description("give a version a name such as champion, move it, read it as of a time; a move is on record")
    .addArgument(new Argument("<action>", "what to do").choices(["set", "move", "remove", "list"]))
    .argument("[name]", "the alias")
    .argument("[target]", "DATASET@RUN: what a run saved")
    .addOption(session())
    .addOption(at())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", ALIAS_EXAMPLES)
    .action(async (action, name, target, flags) =>
      done(await (await import("./commands/alias.ts")).changeAlias({ action, name, target }, flags)),
    );
  program
    .command("tag")
    .description("tag a run; without tags, show those that it has (`runweave runs --tag KEY=VALUE` finds it)")
    .argument("<run>", RUN)
    .argument("[tags...]", "KEY=VALUE")
    .option("--remove <key...>", "take tags off")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .action(async (run, pairs, flags) =>
      done(await (await import("./commands/annotate.ts")).tagRun(run, pairs, flags)),
    );
  program
    .command("note")
    .description("write a note about a run, which `show` prints")
    .argument("<run>", RUN)
    .argument("<text>", "what there is to say")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .action(async (run, text, flags) => done(await (await import("./commands/annotate.ts")).noteRun(run, text, flags)));
}

/** What is said of versions when it turns out that they are bad, and what makes them good. */
export function addTaintCommands(program: Command, done: Done): void {
  program
    .command("taint")
    .description(
      "mark a version as bad: no plan takes it any more, nor others of the same content, nor what was made of them; show what that reaches",
    )
    .argument("[version]", "DATASET@RUN: what a run saved (default: list what is tainted)")
    .option("--reason <text>", "why, for whoever comes upon it")
    .option("--only-this", "mark this version alone, and no other one that has, or gets, the same content")
    .option("--clear", "take the mark off")
    .option("--dry-run", "show what it would reach only")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", TAINT_EXAMPLES)
    .action(async (version, flags) => done(await (await import("./commands/taint.ts")).taintVersion(version, flags)));
  addHealCommand(program, done);
}

const TAINT_EXAMPLES = `
Examples:
  $ runweave taint model_input_table@prep --reason "wrong units"
  $ runweave taint model_input_table@prep --reason "cut off" --only-this
  $ runweave taint                                    what is tainted, and all that was made of it
  $ runweave taint --clear model_input_table@prep
`;

const ALIAS_EXAMPLES = `
Examples:
  $ runweave alias set champion regressor@train
  $ runweave alias move champion regressor@2026-11-23T21.04.54.666Z-0000d783fb92
  $ runweave alias list --at 7d

In a workflow file: consumes: { model: { alias: champion } }
`;
