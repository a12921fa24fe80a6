import { beforeEach, describe, expect, test } from "vitest";
import { AmbiguousIdError } from "../../../src/core/error/registry-error.ts";
import { ExplainError } from "../../../src/explain/explain-error.ts";
import { findControlled } from "../../../src/explain/find/find-controlled.ts";
import { findNamed, type Wanted } from "../../../src/explain/find/find-named.ts";
import { findStartedRun } from "../../../src/explain/find/find-run.ts";
import { findSavedVersion } from "../../../src/explain/find/find-saved-version.ts";
import { findSessionOf } from "../../../src/explain/find/find-session.ts";
import { createMemoryRegistry } from "../../../src/record/memory/registry.ts";
import { History } from "../../suites/history.ts";

/** Sessions, oldest first: a whole one; one of an arm alone; one that failed; one of another workflow, which has ended too. */
function openScene() {
  const registry = createMemoryRegistry();
  const history = new History((events) => registry.append(events), 0xabcdef0);
  const whole = history.startSession("churn");
  history.declare(whole, "prep", "train[alpha=1]", "train[alpha=3]", "compare");
  const ids = {
    prep: history.complete(whole, "prep", { saves: ["table"] }).run_id,
    arm: history.complete(whole, "train[alpha=3]", { saves: ["model"] }).run_id,
    compare: history.complete(whole, "compare", { saves: ["metrics"] }).run_id,
  };
  history.finishSession(whole);
  const only = history.startSession("churn");
  history.declare(only, "train[alpha=3]");
  const onlyArm = history.complete(only, "train[alpha=3]", { saves: ["model"] }).run_id;
  history.finishSession(only);
  const failed = history.startSession("churn");
  history.declare(failed, "prep", "compare");
  const failedPrep = history.resolve(failed, "prep");
  history.start(failedPrep);
  history.fail(failedPrep);
  history.skip(failed, "compare", "prep");
  history.finishSession(failed, "failed");
  const other = history.startSession("nightly");
  history.declare(other, "job[s=1]", "job[s=2]");
  const job = history.complete(other, "job[s=1]", { saves: ["report"] }).run_id;
  history.finishSession(other);
  for (const alias of ["champion", "compare"])
    registry.append([
      {
        ...{ type: "alias.set", time: "2026-11-23T22:00:00.000Z", session_id: whole },
        ...{ run: "train[alpha=3]", run_id: ids.arm, alias, dataset: "model" },
      },
    ]);
  return { registry, ...ids, whole, only, onlyArm, failed, failedPrep: failedPrep.run_id, other, job };
}

type Scene = ReturnType<typeof openScene>;
let scene: Scene;
beforeEach(() => {
  scene = openScene();
});

/** Which of the scene's ids a word came to. */
function tell(word: string, wanted: Wanted): string {
  const found = findNamed(scene.registry, word, wanted);
  const nameOf = (id: string | null) => Object.entries(scene).find(([, value]) => value === id)?.[0] ?? String(id);
  const from = found.fallback === null ? "" : ", not of the newest session";
  switch (found.kind) {
    case "session":
      return `session ${nameOf(found.sessionId)}`;
    case "run":
      return `run ${found.run.run} of ${nameOf(found.run.session_id)}: ${nameOf(found.run.run_id)}${from}`;
    case "arms":
      return `${found.arms.length} arms of ${nameOf(found.sessionId)}${from}`;
  }
}

const started: Wanted["lacks"] = ({ run_id }) => (run_id === null ? "never started" : null);

describe("a word of a command line", () => {
  test.each<[string, (scene: Scene) => string, Partial<Wanted>, string]>([
    ["`latest`", () => "latest", {}, "session other"],
    ["a whole session_id", ({ only }) => only, {}, "session only"],
    ["the last 8 digits of a session_id", ({ only }) => only.slice(-8), {}, "session only"],
    ["the beginning of a session_id", ({ failed }) => failed.slice(0, -1), {}, "session failed"],
    ["a whole run_id", ({ prep }) => prep, {}, "run prep of whole: prep"],
    ["the last 8 digits of a run_id", ({ onlyArm }) => onlyArm.slice(-8), {}, "run train[alpha=3] of only: onlyArm"],
    ["a beginning of a run_id", ({ job }) => job.slice(0, -1), {}, "run job[s=1] of other: job"],
    ["a run of the newest session", () => "job[s=1]", {}, "run job[s=1] of other: job"],
    ["a matrix of the newest session", () => "job", {}, "2 arms of other"],
    [
      "an arm of an older session",
      () => "train[alpha=3]",
      {},
      "run train[alpha=3] of only: onlyArm, not of the newest session",
    ],
    ["a matrix of an older session", () => "train", {}, "1 arms of only, not of the newest session"],
    ["a run that others have too", () => "prep", {}, "run prep of failed: failedPrep, not of the newest session"],
    [
      "a run that started",
      () => "compare",
      { lacks: started },
      "run compare of whole: compare, not of the newest session",
    ],
    [
      "a run that did nowhere",
      () => "train[alpha=1]",
      { lacks: started },
      "run train[alpha=1] of whole: null, not of the newest session",
    ],
    ["a run of `--session`", () => "prep", { session: "WHOLE" }, "run prep of whole: prep"],
    ["an id of `--session`", ({ prep }) => prep.slice(-8), { session: "WHOLE" }, "run prep of whole: prep"],
    ["a matrix of `--session`", () => "train", { session: "WHOLE" }, "2 arms of whole"],
    [
      "a version, for the run that saved it",
      () => "model@train[alpha=3]",
      {},
      "run train[alpha=3] of only: onlyArm, not of the newest session",
    ],
    ["a version by an id", ({ arm }) => `model@${arm.slice(-8)}`, {}, "run train[alpha=3] of whole: arm"],
    ["a version of a session", ({ whole }) => `metrics@${whole.slice(-8)}`, {}, "run compare of whole: compare"],
    ["an alias, for the run that saved its version", () => "champion", {}, "run train[alpha=3] of whole: arm"],
    ["an alias of `--session`", () => "champion", { session: "WHOLE" }, "run train[alpha=3] of whole: arm"],
    [
      "a run that has the name of an alias",
      () => "compare",
      {},
      "run compare of failed: null, not of the newest session",
    ],
  ])("may be %s", (_, word, wanted, expected) => {
    const session = wanted.session === undefined ? undefined : scene.whole.slice(-8);
    expect(tell(word(scene), { takes: "both", ...wanted, session })).toBe(expected);
  });

  test("as of a time, names and `latest` are of the newest session of then", () => {
    const at = scene.registry.findSession(scene.only)?.end_time ?? "";
    expect(tell("latest", { takes: "both", at })).toBe("session only");
    expect(tell("prep", { takes: "both", at })).toBe("run prep of whole: prep, not of the newest session");
  });

  test("is of the session that was recorded last, though the clock was put back before it", () => {
    const history = new History((events) => scene.registry.append(events), 0xfff0000);
    history.stepClock(-365 * 24 * 60 * 60 * 1000);
    const late = history.startSession("churn");
    history.declare(late, "prep");
    history.complete(late, "prep", { saves: ["table"] });
    for (const word of ["latest", "prep", "table@prep"]) {
      const found = findNamed(scene.registry, word, { takes: "both" });
      const sessionId = found.kind === "run" ? found.run.session_id : found.sessionId;
      expect([sessionId, found.fallback]).toEqual([late, null]);
    }
  });

  test("of one beginning that several ids have is refused with them", () => {
    expect(() => findNamed(scene.registry, "2026-", { takes: "both" })).toThrow(AmbiguousIdError);
    expect(() => findNamed(scene.registry, "2026-", { takes: "run" })).toThrow(AmbiguousIdError);
  });

  test.each<[string, Wanted, string, string, string]>([
    ["trian", { takes: "both" }, "unknown-run", 'there is no session "trian" in the registry, nor a run', '"train"'],
    ["prpe", { takes: "run" }, "unknown-run", 'there is no run "prpe" in the registry', '"prep"'],
    ["latets", { takes: "session" }, "unknown-session", 'there is no session "latets"', '"latest"'],
    ["2031", { takes: "both" }, "unknown-session", 'there is no session "2031"', "`runweave sessions` lists them"],
    ["2031", { takes: "run" }, "unknown-run", 'there is no run "2031"', "`runweave runs` lists them"],
    ["table@prpe", { takes: "both" }, "unknown-run", 'there is no run "prpe"', '"prep"'],
    ["metrics@train[alpha=3]", { takes: "run" }, "missing-output", 'saved no "metrics"', "it saved: model"],
    ["model@train", { takes: "run" }, "unknown-run", '"train" has a matrix', "say which"],
    ["report", { takes: "session" }, "unknown-session", 'there is no session "report"', '"report@job[s=1]"'],
  ])("that names nothing, %s, is refused with what is near", (word, wanted, code, message, hint) => {
    const refusal = expect.objectContaining({
      code,
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
    expect(() => findNamed(scene.registry, word, wanted)).toThrow(refusal);
  });

  test("that `--session` has not is refused with the session that has it", () => {
    const wanted: Wanted = { takes: "both", session: scene.other };
    const refuse = (word: string) => () => findNamed(scene.registry, word, wanted);
    const elsewhere = { code: "unknown-run", hint: expect.stringContaining(scene.failed) };
    expect(refuse("prep")).toThrow(expect.objectContaining(elsewhere));
    expect(refuse(scene.failedPrep)).toThrow(expect.objectContaining(elsewhere));
    expect(refuse("jib")).toThrow(expect.objectContaining({ hint: 'did you mean "job"?' }));
    const unknown = { code: "unknown-session", message: expect.stringContaining("1999") };
    expect(() => findNamed(scene.registry, "prep", { takes: "both", session: "1999" })).toThrow(
      expect.objectContaining(unknown),
    );
  });
});

describe("a command that takes", () => {
  const codeOf = (work: () => unknown): string => {
    try {
      work();
    } catch (error) {
      if (error instanceof ExplainError) return `${error.code}: ${error.message} (${error.hint})`;
      throw error;
    }
    throw new Error("it was taken");
  };

  test("a started run gets the newest one that started, and knows why", () => {
    const { run, fallback } = findStartedRun(scene.registry, "compare");
    expect(run.run_id).toBe(scene.compare);
    expect(fallback).toEqual({
      word: "compare",
      session_id: scene.whole,
      newest_session_id: scene.other,
      reason: 'has no run "compare"',
    });
    const refusal = codeOf(() => findStartedRun(scene.registry, "compare", { session: scene.failed }));
    expect(refusal).toMatch(/^never-started: compare of session .* never started: prep failed \(`runweave show /);
  });

  test("one run takes a session of one run for that run, and asks which of several", () => {
    expect(findStartedRun(scene.registry, scene.only.slice(-8)).run.run_id).toBe(scene.onlyArm);
    expect(findStartedRun(scene.registry, "latest").run.run_id).toBe(scene.job);
    expect(codeOf(() => findStartedRun(scene.registry, scene.whole))).toMatch(
      /^unknown-run: session .* has 3 runs.*say which: 'prep'/,
    );
    expect(codeOf(() => findStartedRun(scene.registry, "job"))).toContain("say which: 'job[s=1]', 'job[s=2]'");
  });

  test.each<[string, (scene: Scene) => string, keyof Scene]>([
    ["the run by name", () => "table@prep", "prep"],
    ["an arm", () => "model@train[alpha=3]", "onlyArm"],
    ["the last 8 digits", ({ arm }) => `model@${arm.slice(-8)}`, "arm"],
    ["an alias", () => "champion", "arm"],
    ["an alias for the run", () => "model@champion", "arm"],
    ["the one run of a session that saved it", ({ whole }) => `metrics@${whole.slice(-8)}`, "compare"],
  ])("DATASET@RUN takes %s", (_, target, expected) => {
    const found = findSavedVersion(scene.registry, target(scene), { session: undefined, usage: "" });
    expect(found.head.run_id).toBe(scene[expected]);
  });

  test("DATASET@RUN says what an attempt saved, or that it failed", () => {
    const find = (target: string) =>
      codeOf(() => findSavedVersion(scene.registry, target, { session: undefined, usage: "like so" }));
    expect(find("tabel@prep")).toBe(
      `run-not-succeeded: prep (${scene.failedPrep}) is failed: only what a successful run saved is a version (null)`,
    );
    expect(find(`tabel@${scene.prep}`)).toContain('(did you mean "table"?)');
    for (const wrong of ["table", "@prep", "table@", "latest"]) expect(find(wrong)).toContain("(like so)");
    expect(find("report")).toContain('(did you mean "report@job[s=1]"?)');
    expect(find("champoin")).toContain('(did you mean "champion"?)');
  });

  test("what goes on takes the newest session that does", () => {
    const { registry } = scene;
    expect(findControlled(registry, "prep", { session: undefined }).session.session_id).toBe(scene.failed);
    const history = new History((events) => registry.append(events), 0xbcdef00);
    const running = history.startSession("churn");
    history.declare(running, "prep");
    history.finishSession(history.startSession("nightly"));
    history.declare(history.startSession("churn"), "late");
    const found = findControlled(registry, "prep", { session: undefined, goesOn: true });
    expect([found.session.session_id, found.run]).toEqual([running, "prep"]);
  });

  test("a session takes a run for the session that it is of", () => {
    const found = findSessionOf(scene.registry, "train[alpha=1]");
    expect([found.session.session_id, found.run?.run]).toEqual([scene.whole, "train[alpha=1]"]);
    expect(found.fallback?.newest_session_id).toBe(scene.other);
  });
});
