import type { AliasMove, RegistryReader } from "../core/port/registry.ts";
import type { RunId } from "../core/run-id.ts";
import { didYouMean } from "../core/text/suggest.ts";
import { ExplainError } from "./explain-error.ts";
import { findUnloggedMove } from "./logged-statements.ts";

/** Version that an alias stands for. */
export interface AliasTarget {
  alias: string;
  dataset: string;
  run_id: RunId;
  /** Time of the alias's last move. */
  time: string;
}

/**
 * Every alias that stands for something at a time (null for now), by name. The tables are believed: `findAlias` is for what is gone by.
 */
export function listAliases(registry: RegistryReader, at: string | null = null): AliasTarget[] {
  const last = new Map<string, AliasMove>();
  for (const move of registry.aliasMoves()) if (at === null || move.time <= at) last.set(move.alias, move);
  return [...last.values()].flatMap(toTarget).sort((a, b) => (a.alias < b.alias ? -1 : 1));
}

/**
 * Finds the alias's version; null if it has none at that time. Throws ExplainError (`alias-unlogged`) if the log says something else of the alias.
 */
export function findAlias(registry: RegistryReader, alias: string, at: string | null = null): AliasTarget | null {
  const moves = registry.aliasMoves(alias);
  const unlogged = findUnloggedMove(registry, alias, moves);
  if (unlogged !== null) throw new ExplainError("alias-unlogged", unlogged, UNLOGGED_HINT);
  const move = moves.findLast(({ time }) => at === null || time <= at);
  return move === undefined ? null : (toTarget(move)[0] ?? null);
}

const UNLOGGED_HINT = "name the version itself, or make the tables anew: `runweave doctor --rebuild FILE`";

/** Throws ExplainError: `unknown-alias`, `alias-unlogged`. */
export function findAliasOrThrow(registry: RegistryReader, alias: string): AliasTarget {
  const found = findAlias(registry, alias);
  if (found !== null) return found;
  const names = listAliases(registry).map((each) => each.alias);
  const hint = didYouMean(alias, names) ?? "`runweave alias list` lists them";
  throw new ExplainError("unknown-alias", `there is no alias "${alias}"`, hint);
}

function toTarget({ alias, dataset, run_id, time }: AliasMove): AliasTarget[] {
  return dataset === null || run_id === null ? [] : [{ alias, dataset, run_id, time }];
}
