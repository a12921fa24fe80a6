import { RefusalError } from "../../core/error/refusal-error.ts";
import { lostRecord } from "../../core/error/registry-error.ts";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import type { AliasMove, Registry } from "../../core/port/registry.ts";
import { formatDiscard } from "../../core/trash.ts";
import { type AliasTarget, findAlias, findAliasOrThrow, listAliases } from "../../explain/aliases.ts";
import { type Fallback, listFallbacks } from "../../explain/find/find-named.ts";
import { findSavedVersion } from "../../explain/find/find-saved-version.ts";
import { formatTaint, indexTaints, TAINT_HINT } from "../../explain/taint.ts";
import { type ActionContext, readRegistry, reportFound, type StateAddress, writeRegistry } from "./context.ts";

/** A name for a version. */
export interface AliasRequest {
  /** `set` takes a new name, `move` one that there is. */
  action: "set" | "move" | "remove";
  name: string | undefined;
  /** Version that the alias is to stand for, as `DATASET@RUN`. */
  target?: string | undefined;
  /** Session in which the run's name is looked for. */
  session?: string | undefined;
}

export interface ChangedAlias {
  alias: string;
  before: AliasTarget | null;
  after: AliasTarget | null;
  fallbacks: Fallback[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/;

/** Sets, moves or removes an alias; each move is recorded. Throws RefusalError, ExplainError for what there is not. */
export async function changeAlias(
  address: StateAddress,
  { action, name: alias, ...about }: AliasRequest,
  context: ActionContext = {},
): Promise<ChangedAlias> {
  if (alias === undefined || !NAME.test(alias)) {
    const message = alias === undefined ? "an alias needs a name" : `"${alias}" can't be an alias`;
    throw new RefusalError("invalid-alias", message, "letters, digits, _, - and . after a letter");
  }
  return await writeRegistry(address, context, (registry) => {
    const before = findAlias(registry, alias);
    const setting = { ...about, action, alias, isThere: before !== null };
    const fallback = action === "remove" ? removeAlias(registry, alias) : setAlias(registry, setting, context);
    return { alias, before, after: findAlias(registry, alias), fallbacks: listFallbacks(fallback) };
  });
}

export interface ListedAliases {
  aliases: AliasTarget[];
  /** Former moves, of one alias that was named. */
  moves: AliasMove[];
}

/** Lists what aliases stand for, now or at a time (ISO, UTC); of one that is named, also its moves. Throws ExplainError. */
export function showAliases(
  address: StateAddress,
  { name, at }: { name?: string | undefined; at?: string | undefined } = {},
  context: ActionContext = {},
): ListedAliases {
  return readRegistry(address, context, (reader) => {
    if (name === undefined) return { aliases: listAliases(reader, at ?? null), moves: [] };
    if (at !== undefined) return { aliases: [findAlias(reader, name, at) ?? []].flat(), moves: [] };
    const moves = reader.aliasMoves(name);
    // An alias that was removed still has its history.
    const found = moves.length === 0 ? findAliasOrThrow(reader, name) : findAlias(reader, name);
    return { aliases: [found ?? []].flat(), moves };
  });
}

/** Null: an alias is named by itself. */
function removeAlias(registry: Registry, alias: string): null {
  const { run_id } = findAliasOrThrow(registry, alias);
  const [head] = registry.findHeads([run_id]);
  if (head === undefined) throw lostRecord(`run ${run_id}`);
  const { session_id, run } = head;
  registry.append([{ type: "alias.removed", time: now(), session_id, run, run_id, alias }]);
  return null;
}

interface Setting extends Omit<AliasRequest, "name"> {
  alias: string;
  isThere: boolean;
}

function setAlias(registry: Registry, setting: Setting, context: ActionContext): Fallback | null {
  const { action, alias, target, isThere, session } = setting;
  if (action === "set" && isThere)
    throw new RefusalError("alias-exists", `the alias ${alias} is there already`, "say `alias move` to move it");
  if (action === "move" && !isThere) findAliasOrThrow(registry, alias);
  const usage = `runweave alias ${action} ${alias} DATASET@RUN`;
  const { dataset, head, fallback } = reportFound(context, findSavedVersion(registry, target, { session, usage }));
  const { session_id, run, run_id } = head;
  const bad = indexTaints(registry).ofVersion({ dataset, run_id });
  if (bad !== null)
    throw new RefusalError("version-tainted", `${dataset} of ${run} (${run_id}) ${formatTaint(bad)}`, TAINT_HINT);
  // The alias keeps the data from now on, so they must not have been discarded at this moment.
  registry.decide(() => {
    const [discard] = registry.discardsOf([run_id]);
    if (discard !== undefined)
      throw new RefusalError("version-collected", `what ${run} (${run_id}) saved ${formatDiscard(discard)}`);
    return [{ type: "alias.set", time: now(), session_id, run, run_id, alias, dataset }];
  });
  return fallback;
}

function now(): string {
  return formatTime(systemClock.now());
}
