import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunFailure } from "../../../src/core/error/run-failure.ts";
import { renderRunFailures } from "../../../src/report/result/failures.ts";
import { CONTROL, hostileText } from "../hostile-text.ts";
import { raise, runIdOf, SESSION_ID } from "../make-events.ts";

const LOOK = { columns: 80, color: false };

function failure(over: Partial<RunFailure> = {}): RunFailure {
  return {
    ...{ session_id: SESSION_ID, workflow: "churn", run: "train", run_id: runIdOf(1), attempt: 1, max_attempts: 1 },
    ...{ allow_failure: false, node: null, exception: raise("ValueError", "bad"), reason: null, loaded_from: [] },
    ...{ log: null, log_tail: [], reproduce: null },
    ...over,
  };
}

test("tells what happened, on which versions, what was said last, and what repeats it", () => {
  const cause = raise("OSError", "gone");
  const exception = raise("ValueError", "bad", {
    node: "fit",
    classes: ["ValueError"],
    traceback: "Trace\n  line\n",
    cause,
  });
  const given = { from_run: "prep", from_dataset: "t", rule: "consumed" } as const;
  const lines = renderRunFailures(
    [
      failure({
        ...{ attempt: 2, max_attempts: 3, node: "fit", exception, reason: "not tried again: x failed" },
        loaded_from: [
          { dataset: "table", version: "v1", loaded: true, ...given },
          { dataset: "later", version: "v2", loaded: false, ...given },
          { dataset: "raw", version: "v3", loaded: null, ...given, from_run: null },
        ],
        ...{ log: "/logs/run.log", log_tail: ["said", "more"], reproduce: "runweave run it" },
      }),
    ],
    LOOK,
  );
  expect(lines).toEqual([
    `train  ${runIdOf(1)}  attempt 2 of 3`,
    "  node   fit",
    "  error  ValueError: bad",
    "  cause  OSError: gone",
    "  reason not tried again: x failed",
    "  given  table <- v1 (prep)",
    "         later <- v2 (prep), not loaded",
    "         raw <- v3",
    "  trace  Trace",
    "           line",
    "  log    /logs/run.log",
    "         said",
    "         more",
    "  again  runweave run it",
  ]);
});

test("of a long traceback the project's own last frame is shown too, and what the libraries made of it", () => {
  const frame = (path: string) => [`  File "${path}", line 9, in f`, "    g(x)", "    ^^^^"];
  const library = Array.from({ length: 5 }, (_, at) => frame(`/env/lib/python3.11/site-packages/pandas/${at}.py`));
  const own = frame("/project/src/churn/nodes.py");
  const lines = ["Traceback (most recent call last):", ...frame("/env/lib/kedro/site-packages/kedro/node.py"), ...own];
  const traceback = [...lines, ...library.flat(), "KeyError: 'nope'", ""].join("\n");
  const exception = raise("KeyError", "'nope'", { classes: ["KeyError"], traceback });
  const shown = renderRunFailures([failure({ exception })], LOOK).map((line) => line.slice(9));
  expect(shown.slice(2)).toEqual([...own, "  ...", ...library.flat().slice(-7), "KeyError: 'nope'"]);
});

test("a command line is never cut, however narrow the terminal", () => {
  const reproduce = `runweave run ${"x".repeat(500)}`;
  expect(renderRunFailures([failure({ reproduce })], LOOK).at(-1)).toBe(`  again  ${reproduce}`);
});

test("one that was allowed to fail says so, and what is too much is counted", () => {
  const failures = [failure({ run: "must" }), failure({ run: "third" }), failure({ run: "may", allow_failure: true })];
  const heads = renderRunFailures(failures, LOOK).filter((line) => line.includes(runIdOf(1)));
  expect(heads.map((line) => line.split(" ")[0])).toEqual(["must", "third", "may"]);
  expect(heads[2]).toContain("(may fail)");
  expect(renderRunFailures(failures, { ...LOOK, shown: 1 }).at(-1)).toBe(
    `and 2 more: runweave errors ${SESSION_ID} --json`,
  );
});

test("nothing that a run said reaches the terminal as control bytes", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const exception = raise(text, text, { classes: [text], traceback: text });
      const lines = renderRunFailures(
        [failure({ run: text, node: text, exception, log_tail: [text], reproduce: text })],
        LOOK,
      );
      expect(lines.join("")).not.toMatch(CONTROL);
    }),
  );
});
