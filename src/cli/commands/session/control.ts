import type { Command } from "commander";
import { type Control, controlSession } from "../../../compose/actions/control-session.ts";
import { type ControlRequest, formatRequest } from "../../../core/control-request.ts";
import { type RegistryFlag, toContext, withStops } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry, SESSION, SESSION_OR_RUN, session } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `cancel`. */
export function declareCancel(command: Command, done: Done): void {
  command
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
    .action(async (id, flags) => done(await controlByCommand("cancel", id, flags)));
}

export interface ControlFlags extends RegistryFlag, Omit<Control, "id" | "action"> {
  json?: boolean;
}

/** Declares `pause`. */
export function declarePause(command: Command, done: Done): void {
  declarePausing(command, { action: "pause", example: "runweave pause latest", done });
}

/** Declares `unpause`, and `continue`: an earlier name, too near to `resume`, which finishes a session that has ended. */
export function declareUnpause(command: Command, done: Done): void {
  declarePausing(command, { action: "continue", example: "runweave unpause latest", done });
}

function declarePausing(
  command: Command,
  { action, example, done }: { action: Control["action"]; example: string; done: Done },
): void {
  command
    .argument("<session>", SESSION)
    .option("--no-wait", "send the request, and don't wait until it is done")
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", formatExamples([example]))
    .action(async (id, flags) => done(await controlByCommand(action, id, flags)));
}

/** `runweave cancel`, `pause` and `unpause`: exit 1 if it could not be done. */
export async function controlByCommand(
  action: Control["action"],
  id: string,
  { registry, json = false, ...asked }: ControlFlags,
): Promise<ExitCode> {
  return await withStops<ExitCode>(async (stops) => {
    const onProgress = (text: string) => {
      if (!json) writeLines(process.stderr, [text]);
    };
    const context = { ...toContext({ json }, stops), onProgress };
    const { request, fallbacks } = await controlSession({ registry }, { ...asked, id, action }, context);
    const isAnswered = request.answered_time !== null;
    if (json) writeAnswer("control", { ...request, fallbacks });
    else writeLines(process.stdout, [isAnswered ? formatAnswer(request) : describeSent(request)]);
    return request.outcome === "done" || !isAnswered ? 0 : 1;
  });
}

function describeSent({ session_id }: ControlRequest): string {
  return `request sent; \`runweave show ${session_id}\` shows the answer`;
}

function formatAnswer(request: ControlRequest): string {
  const { session_id, outcome, message } = request;
  return `${formatRequest(request)} (${session_id}) ${outcome === "done" ? "done" : "not done"}: ${message}`;
}
