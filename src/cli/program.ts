import { Command } from "commander";
import { addControlCommands } from "./declare/control-commands.ts";
import { addDataCommands } from "./declare/data-commands.ts";
import { formatExamples } from "./declare/examples.ts";
import { addLookCommands } from "./declare/look-commands.ts";
import { addSetupCommands } from "./declare/setup-commands.ts";
import { suggestCommand } from "./declare/suggest-command.ts";
import { addTraceCommands } from "./declare/trace-commands.ts";
import { addWorkflowCommands } from "./declare/workflow-commands.ts";
import type { ExitCode } from "./errors.ts";

declare const RUNWEAVE_VERSION: string;

type Done = (code: ExitCode) => void;

/** The groups of `--help`, in its order. */
const GROUPS: readonly [heading: string, add: (program: Command, done: Done) => void][] = [
  ["Write and run workflows:", addWorkflowCommands],
  ["Finish, stop or repeat sessions:", addControlCommands],
  ["Look at what ran:", addLookCommands],
  ["Ask where a result comes from:", addTraceCommands],
  ["Use and care for data:", addDataCommands],
  ["Set up:", addSetupCommands],
];

const HELP = `${formatExamples(
  ["runweave validate churn.yaml", "what is wrong, before anything runs"],
  ["runweave run churn.yaml", "run it; without a file: the nearest workflow.yaml"],
  ["runweave run churn.yaml train", "run only train, and what it needs"],
  ["runweave show", "what the newest session did"],
  ["runweave resume", "finish what was killed, failed or was cancelled"],
  ["runweave replay latest --set train.params.x=2", "the same with a change"],
  ["runweave lineage report", "which runs made what report read"],
)}
Exit codes: 0 done; 1 a run failed; 2 the workflow or the usage is wrong; 3 the
environment is wrong; 130 interrupted.
`;

/** The command line. Commands are imported when they are called, so that `--help` costs next to nothing. */
export function createProgram(done: Done): Command {
  const program = new Command("runweave")
    .description(
      "Runs Kedro pipelines, commands and TypeScript functions as one graph: each run reads exactly what its upstream runs saved.",
    )
    .version(typeof RUNWEAVE_VERSION === "undefined" ? "0.0.0" : RUNWEAVE_VERSION)
    .option("--full-ids", "show ids whole, and not by their last 8 digits (any command)")
    .showHelpAfterError("(runweave --help lists the commands)")
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText("after", HELP);
  program.on("command:*", ([name]: [string]) => {
    program.error(`error: unknown command '${name}'${suggestCommand(name, program)}`, {
      code: "commander.unknownCommand",
    });
  });
  for (const [heading, add] of GROUPS) {
    program.commandsGroup(heading);
    add(program, done);
  }
  program.helpCommand("help [command]", "show the help of a command");
  for (const command of program.commands) command.configureHelp({ showGlobalOptions: true });
  return program;
}
