import { expect, test } from "vitest";
import { findNewerPublishers } from "../../../src/compose/session/newer-publication.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { History } from "../../suites/history.ts";

test("the newest session that published is the one recorded last, whatever the clock said", () => {
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const sessions = [0, 1, 2, 3].map((day) => {
    history.stepClock(day === 2 ? -24 * 60 * 60 * 1000 : 0);
    const session = history.startSession();
    history.declare(session, "train");
    const ref = history.complete(session, "train", { saves: ["model"] });
    const path = day === 3 ? "/p/other" : "/p/model";
    history.add({ type: "dataset.published", time: history.time, ...ref, dataset: "model", location: path });
    return session;
  });
  const [first = expect.fail(), second, third = expect.fail(), fourth = expect.fail()] = sessions;
  expect(second).toBeDefined();
  expect([...findNewerPublishers(registry, first)].sort()).toEqual([
    ["/p/model", third],
    ["/p/other", fourth],
  ]);
  expect([...findNewerPublishers(registry, third)]).toEqual([["/p/other", fourth]]);
  expect([...findNewerPublishers(registry, fourth)]).toEqual([]);
});
