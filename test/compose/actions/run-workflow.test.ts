import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planWorkflow } from "../../../src/compose/actions/plan-workflow.ts";
import { executeWorkflow, runWorkflow } from "../../../src/compose/actions/run-workflow.ts";
import { openRegistry } from "../../../src/compose/open-registry.ts";
import { InterruptedError } from "../../../src/core/error/interrupted-error.ts";
import type { Problem } from "../../../src/core/error/problem.ts";
import type { RunEvent } from "../../../src/core/event/event.ts";
import { defineWorkflow } from "../../../src/define/define-workflow.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const workflow = defineWorkflow({
  name: "pair",
  runs: {
    write: { command: ["sh", "-c", 'echo 42 > "$0"', `\${outputs.answer.path}`], outputs: ["answer"] },
    read: { command: ["grep", "42", `\${inputs.answer.path}`], consumes: { answer: "write" } },
  },
});

async function collect(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const all: RunEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

test("a plan has the runs in an order that can be executed, and leaves nothing behind", async () => {
  const folder = makeTemporaryFolder();
  const file = join(folder, "workflow.json");
  writeFileSync(file, JSON.stringify(workflow));
  const plan = await planWorkflow(file);
  expect(plan.runs.map(({ run }) => run)).toEqual(["write", "read"]);
  expect(existsSync(join(folder, ".runweave"))).toBe(false);
  expect((await planWorkflow(workflow)).runs.map(({ run }) => run)).toEqual(["write", "read"]);
});

test("every event reaches whoever iterates, late or twice; the result is the session's record", async () => {
  const run = runWorkflow(workflow, { registry: join(makeTemporaryFolder(), "state") });
  const first = collect(run);
  const record = await run.result;
  expect(record).toMatchObject({ workflow: "pair", status: "success" });
  const events = await first;
  expect(await collect(run)).toEqual(events);
  expect(events.at(0)?.type).toBe("session.started");
  expect(events.at(-1)).toMatchObject({ type: "session.finished", status: "success", session_id: record.session_id });
});

test("a failed run does not reject the result", async () => {
  const run = runWorkflow({ runs: { a: { command: ["false"] } } }, { registry: join(makeTemporaryFolder(), "state") });
  expect(await run.result).toMatchObject({ status: "failed", runs: [{ status: "failed" }] });
});

test("a workflow that can't be planned rejects the result, and throws to whoever iterates", async () => {
  const registry = join(makeTemporaryFolder(), "state");
  const run = runWorkflow({ runs: { a: { command: ["true"], needs: ["b"] } } }, { registry });
  await expect(collect(run)).rejects.toMatchObject({ name: "WorkflowError", problems: [{ code: "unknown-run" }] });
  await expect(run.result).rejects.toMatchObject({ name: "WorkflowError" });
});

test("a signal stops what is under way, and starts nothing more", async () => {
  const stop = new AbortController();
  const runs = { long: { command: ["sleep", "600"] }, later: { command: ["true"], needs: ["long"] } } as const;
  const run = runWorkflow({ runs }, { registry: join(makeTemporaryFolder(), "state"), signal: stop.signal });
  for await (const event of run) if (event.type === "run.started") stop.abort();
  const { status, runs: ended } = await run.result;
  expect(status).toBe("cancelled");
  expect(ended.map((each) => each.status)).toEqual(["cancelled", "cancelled"]);
});

test("a signal that has fired before it begins: nothing runs", async () => {
  const folder = makeTemporaryFolder();
  const runs = { a: { command: ["touch", join(folder, "made")] } } as const;
  const run = runWorkflow({ runs }, { registry: join(folder, "state"), signal: AbortSignal.abort() });
  expect((await run.result).status).toBe("cancelled");
  expect(existsSync(join(folder, "made"))).toBe(false);
});

test("an action whose signal comes before its session is on record is given up, and records nothing", async () => {
  const registry = join(makeTemporaryFolder(), "state");
  const ended = executeWorkflow({ registry }, { workflow }, { interrupt: AbortSignal.abort() });
  await expect(ended).rejects.toThrow(InterruptedError);
  using past = openRegistry({ registry });
  expect(past.sessions()).toEqual([]);
});

test("an action tells its steps, its acts and the warnings of the plan, and closes its reporters", async () => {
  const registry = join(makeTemporaryFolder(), "state");
  const told: string[] = [];
  const warnings: Problem[] = [];
  const ended = await executeWorkflow(
    { registry },
    { workflow: { ...workflow, publish: ["answer"] }, runs: ["write"] },
    {
      onAct: () => told.push("acts"),
      onWarnings: (some) => warnings.push(...some),
      reporters: ({ maxParallel, plan }) => {
        told.push(`${maxParallel > 0} ${plan.runs.length}`);
        return [
          { onEvent: ({ type }) => type === "session.finished" && told.push(type), close: () => told.push("closed") },
        ];
      },
    },
  );
  expect(told).toEqual(["acts", "true 1", "session.finished", "closed"]);
  expect(warnings.map(({ code }) => code)).toEqual(["not-published"]);
  expect(ended).toMatchObject({ record: { status: "success" }, failures: [], problems: [] });
});
