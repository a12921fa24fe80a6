import { isDeepStrictEqual } from "node:util";
import type { RunEvent } from "../core/event/event.ts";
import type { VersionVerdict } from "../core/event/verdict-event.ts";
import type { AliasMove, RegistryReader } from "../core/port/registry.ts";

/** Registry, as far as statements are checked. */
type Statements = Pick<RegistryReader, "links" | "aliasMoves" | "verdicts">;

/**
 * Finds the reason why an alias must not be followed: its moves in the tables differ from those in the log, or one of these was changed.
 * Null if there is none.
 */
export function findUnloggedMove(registry: Statements, alias: string, moves: readonly AliasMove[]): string | null {
  // Without a move it stands for nothing, and nothing is chosen by it.
  if (moves.length === 0) return null;
  const logged = readStatements(registry, (event) => toMove(event).filter((move) => move.alias === alias));
  if (typeof logged === "string") return logged;
  return isDeepStrictEqual(moves, logged) ? null : describe(`the alias ${alias}`);
}

/** Finds the reason why verdicts must not be gone by, likewise: a taint may have been taken away. */
export function findUnloggedVerdict(registry: Statements): string | null {
  const logged = readStatements(registry, toVerdict);
  if (typeof logged === "string") return logged;
  return isDeepStrictEqual(registry.verdicts(), logged) ? null : describe("tainted versions");
}

function describe(what: string): string {
  return `what the registry says of ${what} is not what its log says: \`runweave verify --all\` tells more`;
}

/** Reads statements of one kind from the log; a text is the reason why one of them can't be believed. */
function readStatements<T>(registry: Pick<Statements, "links">, pick: (event: RunEvent) => T[]): T[] | string {
  const found: T[] = [];
  for (const { seq, event, fault } of registry.links({ statements: true })) {
    const picked = event === null ? null : pick(event);
    if (picked === null) return `event ${seq} of the log can't be read`;
    if (picked.length > 0 && fault !== null) return `event ${seq} of the log can't be trusted: ${fault}`;
    found.push(...picked);
  }
  return found;
}

function toMove(event: RunEvent): AliasMove[] {
  switch (event.type) {
    case "alias.set":
      return [{ alias: event.alias, dataset: event.dataset, run_id: event.run_id, time: event.time }];
    case "alias.removed":
      return [{ alias: event.alias, dataset: null, run_id: null, time: event.time }];
    default:
      return [];
  }
}

function toVerdict(event: RunEvent): VersionVerdict[] {
  switch (event.type) {
    case "version.tainted":
    case "version.cleared": {
      const { run_id, dataset, reason, by, time } = event;
      const kind = event.type === "version.tainted" ? "tainted" : "cleared";
      const isOnlyThis = event.type === "version.tainted" && event.only_this === true;
      return [{ run_id, dataset, kind, reason, by, other_run_id: null, time, ...(isOnlyThis && { only_this: true }) }];
    }
    case "version.confirmed":
      return [toOther(event, "confirmed", event.equal_to)];
    case "version.replaced":
      return [toOther(event, "replaced", event.replaced_by)];
    default:
      return [];
  }
}

function toOther(
  { run_id, dataset, time }: Pick<VersionVerdict, "run_id" | "dataset" | "time">,
  kind: "confirmed" | "replaced",
  other_run_id: VersionVerdict["other_run_id"],
): VersionVerdict {
  return { run_id, dataset, kind, reason: null, by: null, other_run_id, time };
}
