import { type Problem, warningAt } from "../../core/error/problem.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionId } from "../../core/run-id.ts";
import { findLinked } from "../../record/sqlite/single-name.ts";
import type { StateLocation } from "../locate-state.ts";
import { describeMoved, readHomeState, SETTLE_HINT } from "./home-state.ts";
import { listLostSessions } from "./newest-session.ts";

/** Warns of a copied state folder, for commands that start no session. One by hard links can only be read. */
export function warnOfCopy(registry: RegistryReader, folders: StateLocation): Problem[] {
  const linked = findLinked(folders.registry);
  const links = linked === null ? [] : [warningAt(null, "registry-linked", linked.message, linked.hint)];
  const { movedFrom } = readHomeState({ registry, folders });
  if (movedFrom === null) return links;
  return [...links, warningAt(null, "registry-moved", describeMoved(movedFrom, folders), SETTLE_HINT)];
}

/** Warns of a copied state folder and of an older registry, for commands that start a session. */
export function listStateWarnings(registry: RegistryReader, folders: StateLocation): Problem[] {
  const lost = listLostSessions(registry, folders);
  const older = lost.length === 0 ? [] : [warningAt(null, "registry-older", describeOlder(lost, folders), OLDER_HINT)];
  return [...warnOfCopy(registry, folders), ...older];
}

/** Says in one sentence that a registry does not know sessions which have run here. */
export function describeOlder(lost: readonly SessionId[], { registry }: Pick<StateLocation, "registry">): string {
  const more = lost.length === 1 ? "" : `, nor ${lost.length - 1} more`;
  return `the registry ${registry} is older than its data, as if a backup had been put back: it does not know session ${lost.at(-1)}${more}, which ran here`;
}

export const OLDER_HINT =
  "put the newer file back; or continue without it: data that the registry does not know stay where they are, and `runweave doctor --settle` accepts the registry as it is";

/** Tells warnings where Node's own go: for scripts. */
export function emitWarnings(warnings: readonly Problem[]): void {
  for (const { code, message, hint } of warnings)
    process.emitWarning(message, { type: "runweave", code, ...(hint === null ? {} : { detail: hint }) });
}
