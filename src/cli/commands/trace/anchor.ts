import type { Command } from "commander";
import { type AnchorRequest, anchorLog, makeAnchorKey } from "../../../compose/actions/anchor-log.ts";
import { cleanText } from "../../../report/text/clean-text.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `anchor`. */
export function declareAnchor(command: Command, done: Done): void {
  command
    .description(
      "sign the last hash of the log, which stands for all before it, and keep that outside of the state folder: who can write the registry can't make it anew without that `verify --anchor` finds it",
    )
    .option(
      "--to <place>",
      "a file, to which a line is added, or git-note (default: runweave-anchors.jsonl beside the state folder)",
    )
    .option("--key <file>", "the Ed25519 key to sign with, outside of the state folder (default: your own)")
    .option("--new-key", "make that key, and do nothing else")
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(
        ["runweave anchor --new-key", "once"],
        ["runweave anchor", "after a session"],
        ["runweave verify --require-signed", "is every event signed?"],
      ),
    )
    .action(async (flags) => done(await anchorByCommand(flags)));
}

export interface AnchorFlags extends RegistryFlag, AnchorRequest {
  newKey?: boolean;
  json?: boolean;
}

/** `runweave anchor`. */
export async function anchorByCommand({ registry, newKey, json, ...asked }: AnchorFlags): Promise<ExitCode> {
  if (newKey) {
    const made = makeAnchorKey({ registry }, asked);
    if (json) writeAnswer("anchor-key", made);
    else tell(`made the key ${made.key}`, `its public key is ${made.public_key}: give it to those who verify`);
    return 0;
  }
  const anchored = await anchorLog({ registry }, asked, toContext({ json }));
  if (json) writeAnswer("anchor", anchored);
  else tell(`signed the log up to event ${anchored.seq} (${anchored.hash}), in ${anchored.place}`);
  return 0;
}

function tell(...lines: string[]): void {
  writeLines(process.stdout, lines.map(cleanText));
}
