import fc from "fast-check";
import type { RegistryReader } from "../../src/core/port/registry.ts";
import { type RunId, type SessionId, timeOfRunId } from "../../src/core/run-id.ts";
import { listWrites } from "../../src/plan/places/settle-reads.ts";
import type { PlannedRun } from "../../src/plan/plan.ts";
import { listPins } from "../../src/resolve/list-pins.ts";
import { type ResolveOptions, resolveRun, type UpstreamAttempt } from "../../src/resolve/resolve-run.ts";
import { plannedRun, versionOf } from "../rig/plans.ts";
import { declaredRun, type History } from "../suites/history.ts";

/** An attempt that was resolved, with what the resolver was asked. */
export interface Decision {
  planned: PlannedRun;
  session: SessionId;
  run: RunId;
  attempt: number;
}

/** How one run of one session goes: how often it fails first, and whether it then succeeds. */
interface Fate {
  failures: number;
  succeeds: boolean;
}

const fate: fc.Arbitrary<Fate> = fc.record({ failures: fc.nat(2), succeeds: fc.constantFrom(true, true, true, false) });

/** Three runs that consume each other, and take something from outside each, session after session. */
export const anyFates: fc.Arbitrary<Fate[][]> = fc.array(fc.tuple(fate, fate, fate), { minLength: 1, maxLength: 4 });

const as = "upstream" as const;

function planRuns(history: readonly Decision[]): PlannedRun[] {
  const raw = { rule: "file" as const, from_run: null, from_dataset: "/raw.csv", as: "downstream" as const };
  const file = { ...raw, version: versionOf("file-00"), frozen: { modifiedMs: 1 }, source: "s", reason: "a file" };
  const earlier = history.find(({ planned }) => planned.run === "prep")?.run;
  const frozen = { frozen: { modifiedMs: null }, source: "s", reason: "named" };
  const named =
    earlier === undefined
      ? {}
      : {
          base: {
            ...{ rule: "run_id" as const, from_run: "prep", from_dataset: "table", as },
            ...{ version: versionOf(earlier), ...frozen },
          },
        };
  return [
    plannedRun("prep", { injects: { raw: file }, writes: ["table"], passedOver: { table: "2020-01-01" } }),
    plannedRun("train", {
      consumes: { table: { run: "prep", dataset: "table", as } },
      injects: named,
      writes: ["model"],
      frozen: { lookup: "2021-01-01" },
      passedOver: { table: "2020-01-01" },
    }),
    plannedRun("report", {
      consumes: { model: { run: "train", dataset: "model", as }, again: { run: "prep", dataset: "table", as } },
      writes: ["table"],
    }),
  ];
}

/** Plays the sessions with the resolver's own decisions; gives each of them. */
export function playSessions(history: History, fates: readonly Fate[][]): Decision[] {
  const decisions: Decision[] = [];
  for (const fatesOfSession of fates) {
    const session = history.startSession();
    history.declare(session, ...["prep", "train", "report"].map(declaredRun));
    const upstream = new Map<string, UpstreamAttempt>();
    for (const [index, planned] of planRuns(decisions).entries()) {
      const { failures = 0, succeeds = true } = fatesOfSession[index] ?? {};
      const attempts = Array.from({ length: failures + (succeeds ? 1 : 0) }, (_, number) => number + 1);
      for (const attempt of attempts) {
        const run = history.nextId() as RunId;
        const options = { sessionId: session, runId: run, attempt, totalRuns: 3, upstream };
        const resolved = resolveRun(planned, options);
        if (!resolved.ok) break;
        const ref = { session_id: session, run: planned.run, run_id: run, attempt };
        history.add({ type: "run.resolved", time: history.time, ...ref, pins: listPins(resolved.value.reads) });
        decisions.push({ planned, session, run, attempt });
        history.start(ref);
        if (attempt <= failures) {
          history.fail(ref, "flaky");
          continue;
        }
        history.succeed(ref, ...listWrites(planned));
        const outputs = Object.fromEntries(listWrites(planned).map((name) => [name, versionOf(run)]));
        upstream.set(planned.run, { run: planned.run, run_id: run, outputs });
      }
    }
  }
  return decisions;
}

/** What the resolver would be asked again, from the registry alone: what had succeeded when the attempt began. */
export function recallOptions(registry: RegistryReader, { session, run, attempt }: Decision): ResolveOptions {
  const began = timeOfRunId(run);
  const upstream = new Map<string, UpstreamAttempt>();
  for (const name of ["prep", "train", "report"]) {
    for (const head of registry.attemptsOf([{ session_id: session, run: name }])) {
      if (head.status !== "success" || head.end_time === null || head.end_time > began) continue;
      const outputs = Object.fromEntries(
        registry.versionsOf([head.run_id]).map((version) => [version.dataset, version]),
      );
      upstream.set(name, { run: name, run_id: head.run_id, outputs });
    }
  }
  return { sessionId: session, runId: run, attempt, totalRuns: 3, upstream };
}
