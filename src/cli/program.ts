import { Command } from "commander";
import { formatExamples } from "./declare/examples.ts";
import type { Done } from "./declare/options.ts";
import { suggestCommand } from "./declare/suggest-command.ts";

declare const RUNWEAVE_VERSION: string;

/** A command as `--help` lists it. Its options and its code are imported only if it is called. */
interface Listed {
  name: string;
  summary: string;
  /** An earlier form, which is not shown. */
  hidden?: boolean;
  load(): Promise<(command: Command, done: Done) => void>;
}

/** The groups of `--help`, in its order. */
const GROUPS: readonly [heading: string, commands: readonly Listed[]][] = [
  [
    "Write and run workflows:",
    [
      {
        name: "run",
        summary: "run a workflow, or some runs of it",
        load: async () => (await import("./commands/workflow/run.ts")).declareRun,
      },
      {
        name: "plan",
        summary: "show what would run, in which order, and on which versions",
        load: async () => (await import("./commands/workflow/plan.ts")).declarePlan,
      },
      {
        name: "validate",
        summary: "find the problems of a workflow file",
        load: async () => (await import("./commands/workflow/validate.ts")).declareValidate,
      },
      {
        name: "simulate",
        summary: "estimate when it would end, and what faults would do",
        load: async () => (await import("./commands/workflow/simulate.ts")).declareSimulate,
      },
      {
        name: "lock",
        summary: "write a lock file: versions, code, parameters, packages",
        load: async () => (await import("./commands/workflow/lock.ts")).declareLock,
      },
      {
        name: "schema",
        summary: "print the JSON Schema of workflow files, or of --json",
        load: async () => (await import("./commands/workflow/schema.ts")).declareSchema,
      },
    ],
  ],
  [
    "Finish, stop or repeat sessions:",
    [
      {
        name: "resume",
        summary: "finish a session that was killed, failed or was cancelled",
        load: async () => (await import("./commands/session/resume.ts")).declareResume,
      },
      {
        name: "replay",
        summary: "do a session again with a change",
        load: async () => (await import("./commands/session/replay.ts")).declareReplay,
      },
      {
        name: "cancel",
        summary: "stop a session that runs in another process, or one run of it",
        load: async () => (await import("./commands/session/control.ts")).declareCancel,
      },
      {
        name: "pause",
        summary: "start no more runs of a session; those under way go on",
        load: async () => (await import("./commands/session/control.ts")).declarePause,
      },
      {
        name: "unpause",
        summary: "start runs of a paused session again",
        load: async () => (await import("./commands/session/control.ts")).declareUnpause,
      },
      {
        name: "continue",
        summary: "the earlier name of unpause",
        hidden: true,
        load: async () => (await import("./commands/session/control.ts")).declareUnpause,
      },
      {
        name: "rollback",
        summary: "take back what a session published or did elsewhere",
        load: async () => (await import("./commands/session/rollback.ts")).declareRollback,
      },
    ],
  ],
  [
    "Look at what ran:",
    [
      {
        name: "sessions",
        summary: "list sessions, newest first",
        load: async () => (await import("./commands/look/sessions.ts")).declareSessions,
      },
      {
        name: "runs",
        summary: "list runs, newest first",
        load: async () => (await import("./commands/look/runs.ts")).declareRuns,
      },
      {
        name: "show",
        summary: "show a session, run by run; or a run and what it loaded",
        load: async () => (await import("./commands/look/show.ts")).declareShow,
      },
      {
        name: "errors",
        summary: "show why runs of a session failed, and how to run them again",
        load: async () => (await import("./commands/look/errors.ts")).declareErrors,
      },
      {
        name: "logs",
        summary: "print what a run printed",
        load: async () => (await import("./commands/look/logs.ts")).declareLogs,
      },
      {
        name: "diff",
        summary: "show how two sessions or two runs differ, the first cause first",
        load: async () => (await import("./commands/look/diff.ts")).declareDiff,
      },
    ],
  ],
  [
    "Ask where a result comes from:",
    [
      {
        name: "lineage",
        summary: "show which runs made what a run read, or read what it made",
        load: async () => (await import("./commands/trace/lineage.ts")).declareLineage,
      },
      {
        name: "why",
        summary: "explain why a run read this version of a dataset and no other",
        load: async () => (await import("./commands/trace/why.ts")).declareWhy,
      },
      {
        name: "why-not",
        summary: "explain why a run did not read this version of a dataset: the earlier form of why --not",
        hidden: true,
        load: async () => (await import("./commands/trace/why.ts")).declareWhyNot,
      },
      {
        name: "verify",
        summary: "check that no record and no output was changed",
        load: async () => (await import("./commands/trace/verify.ts")).declareVerify,
      },
      {
        name: "anchor",
        summary: "sign the log of events, and keep that outside of the registry",
        load: async () => (await import("./commands/trace/anchor.ts")).declareAnchor,
      },
      {
        name: "reproduce",
        summary: "do a recorded run again and compare the results",
        load: async () => (await import("./commands/trace/reproduce.ts")).declareReproduce,
      },
    ],
  ],
  [
    "Use and care for data:",
    [
      {
        name: "path",
        summary: "print the path of what a run saved",
        load: async () => (await import("./commands/data/data.ts")).declarePath,
      },
      {
        name: "cat",
        summary: "print a file that a run saved",
        load: async () => (await import("./commands/data/data.ts")).declareCat,
      },
      {
        name: "export",
        summary: "copy what a run saved to a path of your own",
        load: async () => (await import("./commands/data/data.ts")).declareExport,
      },
      {
        name: "alias",
        summary: "give a version a name such as champion, or move the name",
        load: async () => (await import("./commands/data/alias.ts")).declareAlias,
      },
      {
        name: "tag",
        summary: "tag a run; without tags, show the tags that it has",
        load: async () => (await import("./commands/data/annotate.ts")).declareTag,
      },
      {
        name: "note",
        summary: "write a note about a run; `show` prints it",
        load: async () => (await import("./commands/data/annotate.ts")).declareNote,
      },
      {
        name: "taint",
        summary: "mark a version as bad, and show what it has reached",
        load: async () => (await import("./commands/data/taint.ts")).declareTaint,
      },
      {
        name: "heal",
        summary: "re-run only what bad data affects, after asking",
        load: async () => (await import("./commands/data/heal.ts")).declareHeal,
      },
      {
        name: "gc",
        summary: "move the data of old runs to the trash",
        load: async () => (await import("./commands/data/gc.ts")).declareGc,
      },
      {
        name: "trash",
        summary: "list what was removed, restore it, or delete it for good",
        load: async () => (await import("./commands/data/trash.ts")).declareTrash,
      },
      {
        name: "adopt",
        summary: "record versions that a Kedro project has from before",
        load: async () => (await import("./commands/data/adopt.ts")).declareAdopt,
      },
    ],
  ],
  [
    "Set up:",
    [
      {
        name: "doctor",
        summary: "check this machine and the state folder",
        load: async () => (await import("./commands/setup/doctor.ts")).declareDoctor,
      },
      {
        name: "completion",
        summary: "print a completion script for your shell",
        load: async () => (await import("./commands/setup/completion.ts")).declareCompletion,
      },
    ],
  ],
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

/**
 * Creates the command line. Only commands for which `isCalled` is true are imported, with their options: `--help` is quick.
 * Default: all commands.
 */
export async function createProgram(done: Done, isCalled: (name: string) => boolean = () => true): Promise<Command> {
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
  for (const [heading, commands] of GROUPS) {
    program.commandsGroup(heading);
    for (const { name, summary, hidden = false, load } of commands) {
      const command = program.command(name, { hidden }).summary(summary).description(summary);
      if (isCalled(name)) (await load())(command, done);
    }
  }
  program.helpCommand("help [command]", "show the help of a command");
  for (const command of program.commands) command.configureHelp({ showGlobalOptions: true });
  return program;
}
