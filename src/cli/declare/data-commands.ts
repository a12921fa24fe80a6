import { Argument, type Command } from "commander";
import type { ExitCode } from "../errors.ts";
import { formatExamples } from "./examples.ts";
import { addHealCommand } from "./heal-command.ts";
import { at, json, RUN, registry, session } from "./options.ts";
import { addGcCommand, addTrashCommand } from "./trash-commands.ts";

type Done = (code: ExitCode) => void;

/** Versions of data: their files, their names, and those that are bad, old or from before. */
export function addDataCommands(program: Command, done: Done): void {
  addFileCommands(program, done);
  addAlias(program, done);
  addAnnotations(program, done);
  addTaint(program, done);
  addHealCommand(program, done);
  addGcCommand(program, done);
  addTrashCommand(program, done);
  addAdoption(program, done);
}

const VERSION = "an alias, or a dataset and the run that saved it; a session stands for its run that saved the dataset";

/** The files that runs saved, given to people. */
function addFileCommands(program: Command, done: Done): void {
  program
    .command("path")
    .description("print the path of what a run saved")
    .argument("<dataset@run>", VERSION)
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", formatExamples(["runweave path metrics@report"], ["runweave path 'model@train[alpha=3]'"]))
    .action(async (target, flags) => done((await import("../commands/data.ts")).printPath(target, flags)));
  program
    .command("cat")
    .description("print a file that a run saved")
    .argument("<dataset@run>", VERSION)
    .addOption(session())
    .addOption(registry())
    .addHelpText("after", formatExamples(["runweave cat metrics@report"]))
    .action(async (target, flags) => done(await (await import("../commands/data.ts")).printData(target, flags)));
  program
    .command("export")
    .description("copy what a run saved to a path of your own")
    .argument("<dataset@run>", VERSION)
    .argument("<path>", "where to: a path where nothing is yet, or a folder")
    .option("--force", "replace a file that is there; folders are never replaced")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", formatExamples(["runweave export 'model@train[alpha=3]' model.pkl"]))
    .action(async (target, place, flags) =>
      done(await (await import("../commands/data.ts")).exportData(target, place, flags)),
    );
}

const ALIAS_EXAMPLES = `${formatExamples(
  ["runweave alias set champion regressor@train"],
  ["runweave alias move champion regressor@d783fb92"],
  ["runweave alias list --at 7d", "as the aliases were a week ago"],
)}
In a workflow file: consumes: { model: { alias: champion } }
`;

function addAlias(program: Command, done: Done): void {
  program
    .command("alias")
    .summary("give a version a name such as champion, or move the name")
    .description("give a version a name such as champion, or move the name to another version; each move is recorded")
    .addArgument(new Argument("<action>", "what to do").choices(["set", "move", "remove", "list"]))
    .argument("[name]", "the alias")
    .argument("[target]", "DATASET@RUN, or another alias: what a run saved")
    .addOption(session())
    .addOption(at())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", ALIAS_EXAMPLES)
    .action(async (action, name, target, flags) =>
      done(await (await import("../commands/alias.ts")).changeAlias({ action, name, target }, flags)),
    );
}

function addAnnotations(program: Command, done: Done): void {
  program
    .command("tag")
    .description("tag a run; without tags, show the tags that it has")
    .argument("<run>", RUN)
    .argument("[tags...]", "KEY=VALUE")
    .option("--remove <key...>", "take tags off")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(["runweave tag train team=pricing"], ["runweave runs --tag team=pricing", "find it again"]),
    )
    .action(async (run, pairs, flags) =>
      done(await (await import("../commands/annotate.ts")).tagRun(run, pairs, flags)),
    );
  program
    .command("note")
    .description("write a note about a run; `show` prints it")
    .argument("<run>", RUN)
    .argument("<text>", "the note")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", formatExamples(['runweave note train "the input has a gap in May"']))
    .action(async (run, text, flags) =>
      done(await (await import("../commands/annotate.ts")).noteRun(run, text, flags)),
    );
}

const TAINT_EXAMPLES = formatExamples(
  ['runweave taint model_input_table@prep --reason "wrong units"'],
  ['runweave taint model_input_table@prep --reason "cut off" --only-this'],
  ["runweave taint", "what is tainted, and all that was made of it"],
  ["runweave taint --clear model_input_table@prep"],
);

function addTaint(program: Command, done: Done): void {
  program
    .command("taint")
    .summary("mark a version as bad, and show what it has reached")
    .description("mark a version as bad: no run reads it any more, nor what was made of it; show what it has reached")
    .argument("[version]", "DATASET@RUN, or an alias: what a run saved (default: list what is tainted)")
    .option("--reason <text>", "why, for those who come across the mark")
    .option("--only-this", "mark this version alone, and not others that have, or will have, the same content")
    .option("--clear", "remove the mark")
    .option("--dry-run", "only show what the mark would reach")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", TAINT_EXAMPLES)
    .action(async (version, flags) => done(await (await import("../commands/taint.ts")).taintVersion(version, flags)));
}

/** The data that a project had before, taken into the registry. */
function addAdoption(program: Command, done: Done): void {
  program
    .command("adopt")
    .summary("record versions that a Kedro project has from before")
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
    .action(async (folder, flags) => done(await (await import("../commands/adopt.ts")).adopt(folder, flags)));
}
