import fc from "fast-check";
import { expect, test } from "vitest";
import type { RegistryReader } from "../../src/core/port/registry.ts";
import { findAlias } from "../../src/explain/aliases.ts";
import { findUnloggedMove, findUnloggedVerdict } from "../../src/explain/logged-statements.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { anyBatches } from "../record/random-events.ts";
import { History } from "../suites/history.ts";

/** A registry with two runs, an alias that has moved between them, and a taint that was cleared. */
function makeRegistry() {
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const session = history.startSession();
  const [one, two] = ["one", "two"].map((run) => {
    history.declare(session, run);
    return history.complete(session, run, { saves: ["o"] });
  });
  if (one === undefined || two === undefined) throw new Error("no runs");
  const by = { user: "ann", host: "vm-1", pid: 7 };
  for (const { session_id, run, run_id } of [one, two]) {
    const about = { time: history.time, session_id, run, run_id };
    history.add({ type: "alias.set", ...about, alias: "best", dataset: "o" });
    history.add({ type: "version.tainted", ...about, dataset: "o", reason: "wrong", by });
  }
  return { registry, one: one.run_id, two: two.run_id };
}

/** The same registry, of which one answer is another. */
function withAnswer<K extends keyof RegistryReader>(registry: RegistryReader, name: K, answer: RegistryReader[K]) {
  return { ...registry, [name]: answer };
}

test("what was recorded is what the log says, whatever that is", () => {
  fc.assert(
    fc.property(anyBatches, (batches) => {
      const registry = createMemoryRegistry();
      for (const batch of batches) {
        try {
          registry.append(batch);
        } catch {
          // Random events need not fit each other.
        }
      }
      const aliases = new Set(registry.aliasMoves().map(({ alias }) => alias));
      for (const alias of aliases) expect(findUnloggedMove(registry, alias, registry.aliasMoves(alias))).toBeNull();
      expect(findUnloggedVerdict(registry)).toBeNull();
    }),
  );
});

test("an alias of which the tables and the log say different things is not followed", () => {
  const { registry, one, two } = makeRegistry();
  expect(findAlias(registry, "best")?.run_id).toBe(two);
  const [first, last] = registry.aliasMoves("best");
  if (first === undefined || last === undefined) throw new Error("no moves");
  for (const moves of [[first], [last], [last, first], [first, { ...last, run_id: one }], [first, last, first]]) {
    const forged = withAnswer(registry, "aliasMoves", () => moves);
    expect(() => findAlias(forged, "best")).toThrow("of the alias best is not what its log says");
  }
  expect(findAlias(registry, "other")).toBeNull();
});

test("an alias is followed at no time if one of its events was changed; faults of other events don't matter", () => {
  const { registry, two } = makeRegistry();
  const breaking = (type: string) =>
    withAnswer(registry, "links", (scope) =>
      Iterator.from(registry.links(scope)).map((link) =>
        link.event?.type === type ? { ...link, fault: "its hash does not hold" } : link,
      ),
    );
  expect(() => findAlias(breaking("alias.set"), "best", "2020-01-01")).toThrow(
    /event \d+ .* can't be trusted: its hash/,
  );
  expect(findAlias(breaking("version.tainted"), "best")?.run_id).toBe(two);
  expect(findUnloggedVerdict(breaking("version.tainted"))).toMatch(/can't be trusted/);
  expect(findUnloggedVerdict(breaking("alias.set"))).toBeNull();
  const unread = withAnswer(registry, "links", (scope) =>
    Iterator.from(registry.links(scope)).map((link) => ({ ...link, event: null })),
  );
  expect(findUnloggedVerdict(unread)).toMatch(/event \d+ of the log can't be read/);
});

test("verdicts that the log does not have, or has otherwise, are not gone by", () => {
  const { registry, one } = makeRegistry();
  const [first, last] = registry.verdicts();
  if (first === undefined || last === undefined) throw new Error("no verdicts");
  for (const verdicts of [
    [],
    [first],
    [last, first],
    [first, { ...last, run_id: one }],
    [first, { ...last, kind: "cleared" as const }],
  ])
    expect(findUnloggedVerdict(withAnswer(registry, "verdicts", () => verdicts))).toMatch(/is not what its log says/);
});
