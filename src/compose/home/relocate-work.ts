import { listMoves, type Move } from "../../core/home.ts";
import type { RetentionFacts } from "../../core/port/registry.ts";
import type { HomeContext } from "./home-state.ts";

/**
 * The same with workflow files where they are now: a project that was moved or copied with its state folder has the same workflows
 * as before, though they are on record under other paths.
 */
export function relocateWork(facts: RetentionFacts, { registry, folders }: HomeContext): RetentionFacts {
  const formers = registry.homes().map(({ path }) => path);
  const moves = listMoves(formers, folders.root).flatMap((each) => each.filter(({ from, to }) => from !== to));
  if (moves.length === 0) return facts;
  const move = <T extends { source: string | null }>(held: T): T => ({ ...held, source: relocate(held.source, moves) });
  return { ...facts, attempts: facts.attempts.map(move), uses: facts.uses.map(move) };
}

function relocate(path: string | null, moves: readonly Move[]): string | null {
  const moved = moves.find(({ from }) => path?.startsWith(`${from}/`));
  return path === null || moved === undefined ? path : `${moved.to}${path.slice(moved.from.length)}`;
}
