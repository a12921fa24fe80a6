import type { Command } from "commander";
import { noteRun, tagRun } from "../../../compose/actions/annotate-run.ts";
import { formatLocalTime } from "../../../core/text/local-time.ts";
import { showName } from "../../../explain/text/show-name.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, RUN, registry, session } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `tag`. */
export function declareTag(command: Command, done: Done): void {
  command
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
    .action(async (run, pairs, flags) => done(await tagByCommand(run, pairs, flags)));
}

/** Declares `note`. */
export function declareNote(command: Command, done: Done): void {
  command
    .argument("<run>", RUN)
    .argument("<text>", "the note")
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", formatExamples(['runweave note train "the input has a gap in May"']))
    .action(async (run, text, flags) => done(await noteByCommand(run, text, flags)));
}

export interface AnnotateFlags extends RegistryFlag {
  session?: string;
  remove?: string[];
  json?: boolean;
}

/** `runweave tag RUN KEY=VALUE...`: tags of one run, added, replaced, removed, or shown. */
export async function tagByCommand(run: string, set: readonly string[], flags: AnnotateFlags): Promise<ExitCode> {
  const { registry, session, remove, json } = flags;
  const { run_id, tags, fallbacks } = await tagRun({ registry }, { run, session, set, remove }, toContext(flags));
  if (json) writeAnswer("tag", { run_id, tags, fallbacks });
  else {
    const lines = Object.entries(tags).map(([key, value]) => `${showName(key)}=${showName(value)}`);
    writeLines(process.stdout, lines.length === 0 ? ["no tags"] : lines);
  }
  return 0;
}

/** `runweave note RUN TEXT`. */
export async function noteByCommand(run: string, text: string, flags: AnnotateFlags): Promise<ExitCode> {
  const { registry, session, json } = flags;
  const { run_id, notes, fallbacks } = await noteRun({ registry }, { run, session, text }, toContext(flags));
  if (json) writeAnswer("note", { run_id, notes, fallbacks });
  else {
    const lines = notes.map((note) => `${formatLocalTime(note.time)}  ${showName(note.text)}`);
    writeLines(process.stdout, lines);
  }
  return 0;
}
