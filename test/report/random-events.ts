import fc from "fast-check";
import type { RunEvent } from "../../src/core/event/event.ts";
import { TERMINAL_STATUSES } from "../../src/core/run.ts";
import { eventsAt } from "./make-events.ts";

/** Events in any order, of runs that were declared and of others: late, doubled and senseless ones too. */
export function randomEvents(names: fc.Arbitrary<string>): fc.Arbitrary<RunEvent[]> {
  return fc.array(randomEvent(names), { maxLength: 60 });
}

function randomEvent(names: fc.Arbitrary<string>): fc.Arbitrary<RunEvent> {
  const status = fc.constantFrom(...TERMINAL_STATUSES);
  const finish = fc.array(fc.tuple(names, status), { maxLength: 4 });
  const place = fc.record({ atMs: fc.nat(100_000), run: names, attempt: fc.integer({ min: 1, max: 3 }), node: names });
  return fc.tuple(fc.nat(12), place, finish, fc.nat(9)).map(([kind, { atMs, run, attempt, node }, outcomes, count]) => {
    const make = eventsAt(atMs);
    const kinds: (() => RunEvent)[] = [
      () => make.sessionStarted(),
      () => make.declared(run, node),
      () => make.resolved(run, attempt),
      () => make.started(run, attempt),
      () => make.pipeline(run, count, attempt),
      () => make.nodeStarted(run, node, attempt),
      () => make.nodeFinished(run, node, { attempt }),
      () => make.nodeFailed(run, node, attempt),
      () => make.succeeded(run, { attempt }),
      () => make.failed(run, { attempt }),
      () => make.cancelled(run, attempt),
      () => make.skipped(run, node),
      () => make.finished(Object.fromEntries(outcomes)),
    ];
    return (kinds[kind] ?? make.sessionStarted)();
  });
}
