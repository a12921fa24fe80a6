import type { Command } from "commander";
import { showSession } from "../../../compose/actions/look/show-session.ts";
import { renderLoads } from "../../../report/result/load-table.ts";
import { renderRunPage } from "../../../report/result/run-page.ts";
import { renderSession } from "../../../report/result/tables.ts";
import { type RegistryFlag, toContext } from "../../context.ts";
import { formatExamples } from "../../declare/examples.ts";
import { type Done, json, registry, SESSION_OR_RUN, session } from "../../declare/options.ts";
import { describeAbandoned } from "../../describe-owner.ts";
import type { ExitCode } from "../../errors.ts";
import { showPath } from "../../show-path.ts";
import { lookOf, writeLines } from "../../terminal.ts";
import { writeAnswer } from "../../write-answer.ts";

/** Declares `show`. */
export function declareShow(command: Command, done: Done): void {
  command
    .argument("[id]", `${SESSION_OR_RUN} (default: the newest session)`)
    .addOption(session())
    .addOption(json())
    .addOption(registry())
    .addHelpText(
      "after",
      formatExamples(["runweave show", "the newest session"], ["runweave show 'train[k=1]'", "one run of it"]),
    )
    .action(async (id, flags) => done(printSession(id, flags)));
}

interface ShowFlags extends RegistryFlag {
  session?: string;
  json?: boolean;
}

/** `runweave show [SESSION|RUN]`: a session run by run, or one run alone with what it loaded. */
function printSession(id: string | undefined, flags: ShowFlags): ExitCode {
  const { session, run, writers, logsFolder, ...about } = showSession(flags, { ...flags, id }, toContext(flags));
  if (flags.json) {
    writeAnswer("show", { ...session, ...(run === null ? {} : { runs: [run] }), ...about });
    return 0;
  }
  const places = { logsFolder: showPath(logsFolder), showPath };
  const look = { ...lookOf(process.stdout), ...about, ...places, earlier: about.earlier_attempts, writers };
  if (run === null) {
    writeLines(process.stdout, renderSession(session, look));
    writeLines(process.stdout, describeAbandoned(session, about.owner));
  } else {
    writeLines(process.stdout, renderRunPage(session, run, look));
    if (about.loads.length > 0) writeLines(process.stdout, ["", ...renderLoads(about.loads, look)]);
  }
  return 0;
}
