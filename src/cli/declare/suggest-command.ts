import type { Command } from "commander";
import { quoteShell } from "../../core/text/quote-shell.ts";
import { didYouMean } from "../../core/text/suggest.ts";

/** Commands of runweave, by the words that other tools have for them. */
const SYNONYMS: readonly [words: string, commands: string][] = [
  ["ls list history", "`runweave sessions` lists sessions, `runweave runs` their runs"],
  ["status st ps info describe", "`runweave show` shows the newest session, `runweave sessions` lists all"],
  [
    "graph dag draw viz tree",
    "`runweave plan --mermaid` or `--dot` draws a workflow, `runweave lineage --mermaid` what ran",
  ],
  [
    "rm remove delete prune clean purge",
    "`runweave gc` moves old data to the trash, `runweave trash empty` deletes it",
  ],
  ["undelete recover", "`runweave trash restore` puts removed data back"],
  ["compare cmp", "`runweave diff A B` compares sessions or runs"],
  ["stop kill abort terminate", "`runweave cancel` stops a session or a run"],
  ["suspend hold", "`runweave pause` starts no more runs of a session"],
  [
    "restart rerun retry redo again",
    "`runweave resume` finishes a session, `runweave replay` does one again with a change",
  ],
  ["import register", "`runweave adopt` records versions that a Kedro project has already"],
  ["exec execute start submit build repro make", "`runweave run` runs a workflow"],
  ["check lint test", "`runweave validate` checks a workflow file, `runweave doctor` the machine"],
  ["explain", "`runweave why DATASET@RUN` explains why a run read a version"],
  ["trace provenance ancestry", "`runweave lineage` shows what a result was made of"],
  ["log tail watch monitor", "`runweave logs RUN --follow` prints what a run prints"],
  ["fail failures failed", "`runweave errors` shows what failed, and why"],
  ["get load download open print", "`runweave path`, `cat` and `export` give you what a run saved"],
  ["copy cp save", "`runweave export DATASET@RUN PATH` copies what a run saved"],
  ["undo revert", "`runweave rollback` takes back what a session published"],
  ["mark invalidate", "`runweave taint` marks a version as bad"],
  ["fix repair", "`runweave heal` runs again what bad data affect"],
  ["label annotate", "`runweave tag RUN KEY=VALUE` tags a run, `runweave note` writes a note"],
  ["freeze", "`runweave lock` writes a lock file"],
  ["dryrun dry-run preview", "`runweave plan` shows what would run"],
  ["init new create", "write a workflow file (docs/tutorial.md shows how), then `runweave validate` checks it"],
  ["version", "`runweave --version` prints it"],
];

const HINTS = new Map(SYNONYMS.flatMap(([words, hint]) => words.split(" ").map((word) => [word, hint] as const)));

/** A word with a folder or an extension is a file, and most likely a workflow. */
function hintPath(word: string): string | null {
  return /\/|\w\.\w+$/.test(word) ? `\`runweave run ${quoteShell([word])}\` runs a workflow file` : null;
}

/** Names the command that a wrong word probably means, as a line below the error; empty if none is near. */
export function suggestCommand(word: string, program: Command): string {
  const names = program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name());
  const hint = HINTS.get(word) ?? hintPath(word) ?? didYouMean(word, names);
  return hint === null ? "" : `\n  hint: ${hint}`;
}
