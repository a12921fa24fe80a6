import { Argument, type Command, Option } from "commander";
import type { ExitCode } from "../errors.ts";
import { formatExamples } from "./examples.ts";
import { json, parseCount, parseTime, registry } from "./options.ts";

type Done = (code: ExitCode) => void;

const olderThan = (what: string) =>
  new Option("--older-than <age>", `${what}: an age such as 12h, 7d, or an ISO 8601 time`).argParser(parseTime);

/** Nothing happens without `--yes` anyway; other commands have such an option, so people give it. */
const dryRun = () => new Option("--dry-run", "only say what would be removed: the default").conflicts("yes");

const TRASH_HELP = `
The trash holds what \`runweave gc\` removed, what failed attempts saved if the
workflow says \`cleanup_on_error: trash\`, and files that a publication or a
roll-back replaced. Nothing is deleted from it until you empty it, except old
copies of what publications replaced, by \`runweave gc\`.
${formatExamples(
  ["runweave trash list"],
  ["runweave trash restore train", "its data go back to exactly where they were"],
  ["runweave trash restore gc-d783fb92"],
  ["runweave trash empty --older-than 7d", "says what would be deleted"],
  ["runweave trash empty --older-than 7d --yes", "deletes it, except entries that the registry does not know"],
  ["runweave trash empty ID --yes", "deletes this one, known or not"],
)}`;

/** Things that were thrown away, and can be had back. */
export function addTrashCommand(program: Command, done: Done): void {
  program
    .command("trash")
    .description("list what was removed, restore it, or delete it for good")
    .addArgument(new Argument("<action>", "what to do").choices(["list", "restore", "empty"]))
    .argument("[id]", "an entry's id; `restore` also takes a run's name or run_id (the last 8 digits are enough)")
    .addOption(olderThan("with `empty`: only what was removed before"))
    .option("--yes", "with `empty`: delete it (default: only say what would be deleted)")
    .addOption(dryRun())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", TRASH_HELP)
    .action(async (action, id, flags) =>
      done(await (await import("../commands/trash.ts")).useTrash({ action, id }, flags)),
    );
}

const GC_HELP = `
The data of an attempt are kept if one of these holds:

- --keep-last or --older-than keep it, or its session has not ended;
- an alias stands for it, or it has the tag \`keep\`;
- a run that is kept has read it, directly or through other runs;
- it was adopted.

Copies of what publications replaced are deleted from the trash once they are
older than 30 days and not among the last 3 of their path.

Records are always kept: \`show\`, \`lineage\` and \`why\` still know the run.
Removed data can be restored until you empty the trash.
${formatExamples(
  ["runweave gc --keep-last 5", "says what would be removed, why, and how much space that frees"],
  ["runweave gc --keep-last 5 --older-than 30d --yes", "older than 30 days, and not among the last 5 of its run"],
  ["runweave tag train keep=yes", "the data of this run stay"],
)}`;

/** Things that are not needed any more. */
export function addGcCommand(program: Command, done: Done): void {
  program
    .command("gc")
    .summary("move the data of old runs to the trash")
    .description("move the data of old runs to the trash; keeps everything that a kept run depends on")
    .addOption(new Option("--keep-last <n>", "keep the last n of each run of each workflow").argParser(parseCount))
    .addOption(olderThan("remove only what is older"))
    .addOption(
      new Option(
        "--keep-published <n>",
        "keep the last n copies of each path of what publications replaced (default: 3)",
      ).argParser(parseCount),
    )
    .addOption(
      new Option("--published-older-than <age>", "delete only such copies that are older (default: 30d)").argParser(
        parseTime,
      ),
    )
    .option("--yes", "do it (default: only say what would be removed, and why)")
    .addOption(dryRun())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", GC_HELP)
    .action(async (flags) => done(await (await import("../commands/gc.ts")).collectGarbage(flags)));
}
