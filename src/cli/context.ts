import type { ActionContext } from "../compose/actions/context.ts";
import type { Doubt } from "../compose/consent/judge-execution.ts";
import { listLines } from "../compose/consent/settle-doubt.ts";
import { InterruptedError } from "../core/error/interrupted-error.ts";
import type { Fallback } from "../explain/find/find-named.ts";
import { describeHold } from "../processes/describe-hold.ts";
import { cleanText } from "../report/text/clean-text.ts";
import { CliError } from "./errors.ts";
import { outliveReader } from "./outlives-reader.ts";
import { showSteps } from "./show-steps.ts";
import { askConsent, canAsk, writeLines, writeProblems } from "./terminal.ts";
import { type Stops, watchSignals } from "./watch-signals.ts";
import { writeWarnings } from "./write-warnings.ts";

/** Files that a question names; the others are counted. */
const FILES_ASKED = 10;

/** The option that says where the state folder is. */
export interface RegistryFlag {
  registry?: string | undefined;
}

interface ContextFlags {
  json?: boolean | undefined;
  /** True to execute commands from a registry without asking. */
  yes?: boolean | undefined;
}

/** Returns the context for an action whose messages and questions go to the people at the command line. */
export function toContext({ json = false, yes = false }: ContextFlags, stops?: Stops): ActionContext {
  return {
    interrupt: stops?.interrupt,
    kill: stops?.kill,
    commandLine: process.argv.slice(2),
    onWarnings: (warnings, of) => {
      if (of === "state") writeWarnings(warnings);
      else if (!json) writeProblems(process.stderr, warnings);
    },
    onStep: showSteps(),
    onDoubt: async (doubt) =>
      yes ||
      (canAsk({ json }) &&
        (await (stops === undefined ? withStops((own) => askAboutDoubt(doubt, own)) : askAboutDoubt(doubt, stops)))),
    onAct: outliveReader,
    onFallback: reportFallback,
    onWait: (before) => note(`waiting for ${describeHold(before)}`),
    onUnfreed: ({ id, error }) => note(`warning: ${id}, which was emptied before, is not freed: ${error.message}`),
  };
}

/** Shows what would be executed, and asks for consent. Throws CliError for a no, InterruptedError for a signal. */
async function askAboutDoubt(doubt: Doubt, stops: Stops): Promise<boolean> {
  const reasons = doubt.reasons.join("; ");
  writeLines(process.stdout, [
    `${reasons}. This would be executed with your rights:`,
    ...listLines(doubt, FILES_ASKED),
  ]);
  if (await askConsent("Execute this?", stops.interrupt)) return true;
  if (stops.interrupt.aborted) throw new InterruptedError();
  throw new CliError("not-confirmed", "nothing was done");
}

/** Does work that signals to this process can stop. */
export async function withStops<T>(work: (stops: Stops) => Promise<T>): Promise<T> {
  const stops = watchSignals();
  try {
    return await work(stops);
  } finally {
    stops.close();
  }
}

/** Notes on stderr that a name was found in an older session than the newest. Stdout stays free for the answer, which a script may read. */
export function reportFallback(fallback: Fallback | null): void {
  if (fallback === null) return;
  const { newest_session_id, reason, session_id } = fallback;
  note(`note: the newest session, ${newest_session_id}, ${reason}: this is of session ${session_id}`);
}

function note(text: string): void {
  writeLines(process.stderr, [cleanText(text)]);
}
