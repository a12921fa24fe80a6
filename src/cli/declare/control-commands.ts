import type { Command } from "commander";
import type { RequestAction } from "../../core/control-request.ts";
import type { ExitCode } from "../errors.ts";
import { type Example, formatExamples } from "./examples.ts";
import { json, registry, SESSION, SESSION_OR_RUN, session } from "./options.ts";
import { addReplayCommand } from "./replay-command.ts";
import { addResumeCommand } from "./resume-command.ts";
import { addRollbackCommand } from "./rollback-command.ts";

type Done = (code: ExitCode) => void;

/** Finish, stop, hold or repeat a session, or take it back. */
export function addControlCommands(program: Command, done: Done): void {
  addResumeCommand(program, done);
  addReplayCommand(program, done);
  addCancel(program, done);
  addPause(program, done);
  addRollbackCommand(program, done);
}

function addCancel(program: Command, done: Done): void {
  program
    .command("cancel")
    .description("stop a session that runs in another process, or one run of it")
    .argument("<id>", SESSION_OR_RUN)
    .addOption(session())
    .option("--force", "kill the runs at once, without asking them to stop first")
    .option("--no-wait", "send the request, and don't wait until it is done")
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave cancel latest", "the newest session, all of it"],
        ["runweave cancel 'train[k=1]'", "that run alone"],
      ),
    )
    .action(async (id, flags) =>
      done(await (await import("../commands/control.ts")).controlSession("cancel", id, flags)),
    );
}

interface Pausing {
  name: string;
  action: RequestAction;
  description: string;
  example: Example;
  hidden?: boolean;
}

/** `continue` is the earlier name of `unpause`: too near to `resume`, which finishes a session that has ended. */
function addPause(program: Command, done: Done): void {
  const pausing: Pausing[] = [
    {
      name: "pause",
      action: "pause",
      description: "start no more runs of a session; those under way go on",
      example: ["runweave pause latest"],
    },
    {
      name: "unpause",
      action: "continue",
      description: "start runs of a paused session again",
      example: ["runweave unpause latest"],
    },
    {
      name: "continue",
      action: "continue",
      description: "the earlier name of unpause",
      example: ["runweave unpause latest"],
      hidden: true,
    },
  ];
  for (const { name, action, description, example, hidden = false } of pausing) {
    program
      .command(name, { hidden })
      .description(description)
      .argument("<session>", SESSION)
      .option("--no-wait", "send the request, and don't wait until it is done")
      .addOption(json())
      .addOption(registry())
      .addHelpText("after", formatExamples(example))
      .action(async (id, flags) =>
        done(await (await import("../commands/control.ts")).controlSession(action, id, flags)),
      );
  }
}
