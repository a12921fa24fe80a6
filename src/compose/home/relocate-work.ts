import { join, relative } from "node:path";
import { projectOf } from "../../core/home.ts";
import type { RetentionFacts } from "../../core/port/registry.ts";
import type { HomeContext } from "./home-state.ts";

/**
 * The same with workflow files where they are now: a project that was moved or copied with its state folder has the same workflows
 * as before, though they are on record under other paths.
 */
export function relocateWork(facts: RetentionFacts, { registry, folders }: HomeContext): RetentionFacts {
  const now = projectOf(folders.root);
  const before = [...new Set(registry.homes().map(({ path }) => projectOf(path)))].filter((path) => path !== now);
  if (before.length === 0) return facts;
  const move = <T extends { source: string | null }>(held: T): T => ({
    ...held,
    source: relocate(held.source, before, now),
  });
  return { ...facts, attempts: facts.attempts.map(move), uses: facts.uses.map(move) };
}

function relocate(path: string | null, before: readonly string[], now: string): string | null {
  const from = before.find((folder) => path?.startsWith(`${folder}/`));
  return path === null || from === undefined ? path : join(now, relative(from, path));
}
