import type { AttemptSignal } from "../../core/event/attempt-event.ts";
import type { LeftBehind } from "./workers/control-messages.ts";

const MAX_TOLD = 3;

/** A warning of processes that outlived their run. `hide` takes secrets out of their command lines. */
export function warnOfLeft(strays: readonly LeftBehind[], hide: (text: string) => string): AttemptSignal {
  const shown = strays.slice(0, MAX_TOLD).map(({ pid, command }) => `${hide(command) || "a process"} (pid ${pid})`);
  const rest = strays.length > MAX_TOLD ? `, and ${strays.length - MAX_TOLD} more` : "";
  const what = strays.length === 1 ? "a process" : `${strays.length} processes`;
  const message = `it left ${what} behind, which had to be ended: ${shown.join(", ")}${rest}`;
  return { type: "run.warned", code: "left-behind", message };
}
