import { Argument, type Command } from "commander";
import { type AliasRequest, changeAlias, showAliases } from "../../../compose/actions/change-alias.ts";
import { formatLocalTime } from "../../../core/text/local-time.ts";
import type { AliasTarget } from "../../../explain/aliases.ts";
import { showName } from "../../../explain/text/show-name.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { at, type Done, json, registry, session } from "../../declare/options.ts";
import type { ExitCode } from "../../errors.ts";
import { writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

const ALIAS_EXAMPLES = `${formatExamples(
  ["runweave alias set champion regressor@train"],
  ["runweave alias move champion regressor@d783fb92"],
  ["runweave alias list --at 7d", "as the aliases were a week ago"],
)}
In a workflow file: consumes: { model: { alias: champion } }
`;

/** Declares `alias`. */
export function declareAlias(command: Command, done: Done): void {
  command
    .description("give a version a name such as champion, or move the name to another version; each move is recorded")
    .addArgument(new Argument("<action>", "what to do").choices(["set", "move", "remove", "list"]))
    .argument("[name]", "the alias")
    .argument("[target]", "DATASET@RUN, or another alias: what a run saved")
    .addOption(session())
    .addOption(at())
    .addOption(json())
    .addOption(registry())
    .addHelpText("after", ALIAS_EXAMPLES)
    .action(async (action, name, target, flags) => done(await aliasByCommand({ action, name, target }, flags)));
}

export interface AliasFlags extends RegistryFlag {
  session?: string;
  at?: string;
  json?: boolean;
}

interface AliasWords extends Pick<AliasRequest, "name" | "target"> {
  action: AliasRequest["action"] | "list";
}

/** `runweave alias set|move|remove|list [NAME] [DATASET@RUN]`. */
export async function aliasByCommand({ action, name, target }: AliasWords, flags: AliasFlags): Promise<ExitCode> {
  if (action === "list") return list(name, flags);
  const { registry, session, json } = flags;
  const changed = await changeAlias({ registry }, { action, name, target, session }, toContext(flags));
  const { before, after } = changed;
  if (json) writeAnswer("alias", changed);
  else {
    const former = before === null ? "" : `; before: ${describe(before)}`;
    writeLines(process.stdout, [`${changed.alias} -> ${describe(after)}${former}`]);
  }
  return 0;
}

function list(name: string | undefined, { registry, at, json }: AliasFlags): ExitCode {
  const found = showAliases({ registry }, { name, at }, toContext({ json }));
  if (json) writeAnswer("alias-list", found);
  else {
    const lines = found.aliases.map(
      (target) => `${showName(target.alias)} -> ${describe(target)}, since ${formatLocalTime(target.time)}`,
    );
    const moves = found.moves.map(
      ({ time, dataset, run_id }) =>
        `    ${formatLocalTime(time)}  ${dataset === null ? "removed" : `${showName(dataset)}@${run_id}`}`,
    );
    writeLines(process.stdout, lines.length + moves.length === 0 ? ["no aliases"] : [...lines, ...moves]);
  }
  return 0;
}

function describe(target: AliasTarget | null): string {
  return target === null ? "nothing" : `${showName(target.dataset)}@${target.run_id}`;
}
