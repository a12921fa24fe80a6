import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunHead } from "../../src/core/port/registry.ts";
import { type RunId, timeOfRunId } from "../../src/core/run-id.ts";
import { readPins } from "../../src/explain/read-pins.ts";
import { toWhyNotText, toWhyText } from "../../src/explain/text/why-text.ts";
import { explainAbsence, explainPin } from "../../src/explain/why.ts";
import { createMemoryRegistry } from "../../src/record/memory/registry.ts";
import { listPins } from "../../src/resolve/list-pins.ts";
import { resolveRun } from "../../src/resolve/resolve-run.ts";
import { type AttemptRef, consumedPin, frozenPin, History, ownPin } from "../suites/history.ts";
import { anyFates, type Decision, playSessions, recallOptions } from "./random-sessions.ts";

function openHistory() {
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events));
  const head = (runId: RunId): RunHead => {
    const [found] = registry.findHeads([runId]);
    if (found === undefined) throw new Error(`no run ${runId}`);
    return found;
  };
  const why = (dataset: string, { run_id }: AttemptRef, at: string | null = null) =>
    explainPin(registry, { dataset, run: head(run_id), at });
  const whyNot = (version: string, dataset: string, { run_id }: AttemptRef) =>
    explainAbsence(registry, { version, dataset, run: head(run_id), at: null });
  return { registry, history, head, why, whyNot };
}

describe("why", () => {
  it("follows the pins to what no run made, with what each beat", () => {
    const { history, why } = openHistory();
    const [first, second] = [history.startSession(), history.startSession()];
    for (const session of [first, second]) history.declare(session, "prep", "train");
    const old = history.complete(first, "prep", { saves: ["table"] });
    const failed = history.resolve(second, "prep");
    history.start(failed);
    history.fail(failed, "flaky");
    const raw = { ...frozenPin("raw", "2026-01-01"), passed_over: "2025-12-31" };
    const prep = history.resolve(second, "prep", { attempt: 2, pins: [raw] });
    history.start(prep);
    history.succeed(prep, "table");
    const train = history.complete(second, "train", { pins: [consumedPin("input", prep, "table")] });
    const { chain } = why("input", train);
    expect(chain).toMatchObject([
      { depth: 0, pin: { dataset: "input" }, writer: { run_id: prep.run_id }, hash: "sha256:00" },
      { depth: 1, pin: { dataset: "raw", version: "2026-01-01" }, reader: { run_id: prep.run_id }, writer: null },
    ]);
    expect(chain[0]?.beaten.map(({ version, excluded_by }) => [version, excluded_by.rule])).toEqual([
      [failed.run_id, "not-succeeded"],
      [old.run_id, "other-session"],
    ]);
    expect(chain[1]?.beaten).toMatchObject([{ version: "2025-12-31", writer: null, excluded_by: { rule: "older" } }]);
    expect(toWhyText(why("input", train))).toContain(`input (table) <- ${prep.run_id}  by rule consumed`);
  });

  it("says of what the run made itself what it was made of", () => {
    const { history, why } = openHistory();
    const session = history.startSession();
    history.declare(session, "prep", "train");
    const prep = history.complete(session, "prep", { pins: [frozenPin("raw", "2026-01-01")], saves: ["table"] });
    const pins = [consumedPin("table", prep), ownPin("model", "x"), ownPin("score", "x")];
    const train = history.complete(session, "train", { pins, saves: ["model", "score"] });
    const found = why("model", train);
    expect(found.chain.map(({ depth, pin }) => [depth, pin.dataset])).toEqual([
      [0, "model"],
      [1, "table"],
      [2, "raw"],
    ]);
    const lines = toWhyText(found)
      .split("\n")
      .filter((line) => line.includes(" <- "));
    expect(lines.map((line) => line.split(" <- ")[0])).toEqual(["model", "   table", "      raw"]);
  });

  it("counts what was not taken by its rule, in one line; all of it is listed if asked for", () => {
    const { registry, history, head, why } = openHistory();
    const sessions = Array.from({ length: 13 }, () => history.startSession());
    for (const session of sessions) history.declare(session, "prep", "other", "train");
    const old = sessions.map((session) => history.complete(session, "prep", { saves: ["table"] }));
    const last = sessions.at(-1) ?? expect.fail();
    const prep = old.at(-1) ?? expect.fail();
    history.complete(last, "other", { saves: ["table"] });
    const train = history.complete(last, "train", { pins: [consumedPin("table", prep, "table")] });
    const short = why("table", train);
    expect(toWhyText(short)).toMatch(/\n {3}not chosen: 13 \((1 other run, 12 other session)\); --all lists them\n/);
    expect(toWhyText(short)).not.toContain(old[0]?.run_id);
    expect(short.chain[0]?.beaten).toHaveLength(10);
    const all = explainPin(registry, { dataset: "table", run: head(train.run_id), at: null, all: true });
    const lines = toWhyText(all, { all: true }).split("\n");
    for (const { run_id } of old.slice(0, -1)) {
      expect(lines.filter((line) => line.includes(run_id))).toEqual([expect.stringContaining("other-session")]);
    }
  });

  it("names the datasets that there are, and says that nothing was chosen before the run", () => {
    const { history, why } = openHistory();
    const session = history.startSession();
    history.declare(session, "train");
    const train = history.complete(session, "train", { pins: [ownPin("model", "x")] });
    expect(() => why("modle", train)).toThrow(
      expect.objectContaining({ code: "unknown-pin", hint: 'did you mean "model"?' }),
    );
    const settled = timeOfRunId(train.run_id);
    expect(why("model", train, settled).at).toBe(settled);
    const before = new Date(Date.parse(settled) - 1).toISOString();
    expect(() => why("model", train, before)).toThrow(expect.objectContaining({ code: "not-yet" }));
  });

  it("no name of a dataset or a run steers the terminal", () => {
    const { history, why } = openHistory();
    const session = history.startSession();
    history.declare(session, "\u001b[2J");
    const run = history.complete(session, "\u001b[2J", { pins: [frozenPin("\u001b]0;x", "\u009b1m")] });
    expect(toWhyText(why("\u001b]0;x", run))).not.toMatch(/[\p{Cc}](?<!\n)/u);
  });
});

describe("why-not", () => {
  it("names the first rule that excluded a version", () => {
    const { history, whyNot } = openHistory();
    const [first, second] = [history.startSession(), history.startSession()];
    for (const session of [first, second]) history.declare(session, "prep", "other", "train", "late");
    const old = history.complete(first, "prep", { saves: ["table"] });
    const other = history.complete(second, "other", { saves: ["table"] });
    const empty = history.complete(first, "other", { saves: ["else"] });
    const running = history.resolve(first, "train");
    const failed = history.resolve(second, "prep");
    history.start(failed);
    history.fail(failed, "boom", { again: true });
    const prep = history.resolve(second, "prep", { attempt: 2 });
    history.start(prep);
    history.succeed(prep, "table");
    const train = history.complete(second, "train", { pins: [consumedPin("table", prep), frozenPin("raw", "b")] });
    const late = history.complete(second, "late", { saves: ["table"] });
    const rule = (version: string, dataset = "table") => whyNot(version, dataset, train).excluded_by?.rule ?? null;
    expect([rule(prep.run_id), rule(old.run_id), rule(other.run_id)]).toEqual([null, "other-session", "other-run"]);
    // Which run is looked at comes before how it ended, and what it saved.
    expect([rule(empty.run_id), rule(running.run_id)]).toEqual(["other-session", "other-session"]);
    expect([rule(failed.run_id), rule(late.run_id)]).toEqual(["not-succeeded", "later"]);
    expect([rule("a", "raw"), rule("c", "raw"), rule("b", "raw")]).toEqual(["older", "not-seen", null]);
    expect(() => whyNot("nothing", "table", train)).toThrow(expect.objectContaining({ code: "unknown-version" }));
    expect(toWhyNotText(whyNot(old.run_id, "table", train))).toContain("was not chosen: other-session");
    expect(toWhyNotText(whyNot(prep.run_id, "table", train))).toContain("is the version of table that was chosen");
  });
});

describe("of random sessions, retries included", () => {
  it("the resolver, asked again on what is recorded, chooses what `why` says; what it beat was excluded by a rule", () => {
    let beaten = 0;
    fc.assert(
      fc.property(anyFates, (fates) => {
        const { registry, history, head } = openHistory();
        for (const decision of playSessions(history, fates)) beaten += checkDecision(decision, { registry, head });
      }),
      { numRuns: 100 },
    );
    expect(beaten, "the property says nothing unless there are candidates").toBeGreaterThan(100);
  });
});

function checkDecision(
  decision: Decision,
  { registry, head }: Pick<ReturnType<typeof openHistory>, "registry" | "head">,
): number {
  const again = resolveRun(decision.planned, recallOptions(registry, decision));
  if (!again.ok) throw new Error("the resolver finds no version any more");
  const run = head(decision.run);
  let count = 0;
  for (const pin of listPins(again.value.reads)) {
    const { chain } = explainPin(registry, { dataset: pin.dataset, run, at: null });
    expect(chain[0]?.pin).toEqual(pin);
    for (const { reader, pin, beaten } of chain) {
      expect(readPins(registry, reader.run_id)).toContainEqual(pin);
      for (const { version } of beaten) {
        count += 1;
        const question = { version, dataset: pin.dataset, run: reader, at: null };
        expect(version).not.toBe(pin.version);
        expect(explainAbsence(registry, question).excluded_by).not.toBeNull();
      }
    }
    const chosen = explainAbsence(registry, { version: pin.version, dataset: pin.dataset, run, at: null });
    expect(chosen.excluded_by).toBeNull();
  }
  return count;
}
