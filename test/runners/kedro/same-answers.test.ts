import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { accept } from "../../../src/core/error/problem.ts";
import type { ProbeAnswer, ProbeRequest } from "../../../src/core/project-facts.ts";
import type { ToldReads } from "../../../src/runners/answers/told-reads.ts";
import { findWorkerFolder } from "../../../src/runners/interpreters/worker-folder.ts";
import { lookAtData } from "../../../src/runners/kedro/look-at-data.ts";
import { type ProbeReply, probeProject } from "../../../src/runners/kedro/probe.ts";
import { ProjectAnswers } from "../../../src/runners/kedro/project-answers.ts";
import { startWorker } from "../../../src/runners/kedro/workers/worker-process.ts";
import {
  type EditStyle,
  FIRST_PROBE_STATE,
  PROBE_KNOBS,
  type ProbeKnob,
  type ProbeState,
  writeProbed,
} from "../../rig/probed-project.ts";
import { makeSuiteFolder } from "../../rig/suite-folder.ts";
import { findTestPython } from "../../rig/test-python.ts";

/** `npm run test:answers` does 300; every other time the edits of the tour that a wrong key would not survive are enough. */
const CASES = Number(process.env.RUNWEAVE_ANSWER_CASES ?? 4);
const SEED = Number(process.env.RUNWEAVE_ANSWER_SEED ?? Date.now() % 1_000_000);

const folder = makeSuiteFolder();
const workerFolder = findWorkerFolder();
const FILTERS = {
  ...{ tags: [], node_names: [], from_nodes: [], to_nodes: [], from_inputs: [], to_outputs: [], namespaces: [] },
};

interface Edit {
  changes: readonly (readonly [ProbeKnob, number])[];
  style: EditStyle;
  env: null | "prod";
}

/** Keys with something left out, each of which the comparison has to find. */
const PLANTED: Readonly<Record<string, (reads: ToldReads) => ToldReads>> = {
  "without files of parameters": (reads) =>
    leaveOut(reads, (how, path) => how === "content" && /parameters/.test(path)),
  "without what is not there": (reads) => leaveOut(reads, (_, __, found) => found === ""),
  "without names in folders": (reads) => leaveOut(reads, (how) => how === "names"),
  "without searches for modules": (reads) => ({ ...reads, searches: {} }),
  "without links": (reads) => leaveOut(reads, (how) => how === "link"),
};

/** One edit after another of those that a planted key must not survive; each is asked about before and after. */
const TOUR: readonly Edit[] = [
  ...(["parameter", "resolverFlag", "extraFile", "shadowInRoot", "dataLink"] as const),
].map((knob) => ({ changes: [[knob, 1] as const], style: "sameTimes", env: null }));

const edit: fc.Arbitrary<Edit> = fc.record({
  changes: fc.array(fc.tuple(fc.constantFrom(...PROBE_KNOBS), fc.nat(2)), { minLength: 1, maxLength: 2 }),
  style: fc.constantFrom("write", "replace", "sameTimes"),
  env: fc.constantFrom(null, null, null, "prod"),
});

function leaveOut(reads: ToldReads, isLeft: (how: string, path: string, found: string) => boolean): ToldReads {
  return { ...reads, rows: reads.rows.filter((row) => !isLeft(...row)) };
}

/** A question about the whole of the project as it is now, as one process after another asks it. */
class Asker {
  readonly #project;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #question: ProbeRequest;

  constructor(env: Edit["env"], variables: Record<string, string>) {
    const project_path = join(folder, "project");
    this.#project = { project_path, python: findTestPython(), env, conf_source: null };
    this.#environment = { ...process.env, ...variables };
    const slice = { pipeline_names: [], filters: FILTERS, runner: "SequentialRunner", is_async: false };
    const one = { ...slice, outputs: ["table"], supplied: [], isolate: "all" as const, floating: [] };
    this.#question = { runtime_params: env === null ? {} : { options: { nested: 5 } }, slices: { one }, work: true };
  }

  /** What is known by the answers in a folder; undefined if the project would be asked. */
  async recall(answers: string): Promise<ProbeAnswer | undefined> {
    const refuse = async () => ({ ok: false as const, problems: [] });
    const told = await this.#open(answers, false).find(this.#project, { question: this.#question, ask: refuse });
    return told.ok ? this.#look(told.value) : undefined;
  }

  /** What a new worker answers. */
  async ask(): Promise<ProbeReply> {
    const worker = startWorker({
      project: this.#project,
      mode: "fork",
      workerFolder,
      environment: this.#environment,
      log: join(folder, "worker.log"),
      onBell: () => {},
    });
    try {
      const asked = await probeProject(async () => worker, { ...this.#question, attempts: join(folder, "attempts") });
      if (!asked.ok) throw new Error(asked.problems.map(({ message }) => message).join("\n"));
      return asked.value;
    } finally {
      await worker.close();
    }
  }

  async keep(answers: string, reply: ProbeReply): Promise<ProbeAnswer> {
    const ask = async () => accept(reply);
    const told = await this.#open(answers, true).find(this.#project, { question: this.#question, ask });
    if (!told.ok) throw new Error("what is accepted is no problem");
    return this.#look(told.value);
  }

  #look(told: ProbeReply["answer"]): ProbeAnswer {
    return lookAtData(told, join(folder, "attempts"));
  }

  #open(answers: string, asksAnew: boolean): ProjectAnswers {
    return new ProjectAnswers({ folder: answers, asksAnew }, { environment: this.#environment, workerFolder });
  }
}

const stores = new Map(["sound", ...Object.keys(PLANTED)].map((name) => [name, join(folder, `answers ${name}`)]));

/** Which stores recall something else than the project says now; keeps what it says in all of them. */
async function compare(
  asker: Asker,
): Promise<{ recalled: string[]; wrong: string[]; fresh: ProbeAnswer; reasons: string[] }> {
  const known = new Map<string, ProbeAnswer>();
  for (const [name, answers] of stores) {
    const recalled = await asker.recall(answers);
    if (recalled !== undefined) known.set(name, recalled);
  }
  const reply = await asker.ask();
  const fresh = await asker.keep(stores.get("sound") ?? "", reply);
  for (const [name, narrow] of Object.entries(PLANTED))
    await asker.keep(stores.get(name) ?? "", { ...reply, reads: narrow(reply.reads) });
  const wrong = [...known].flatMap(([name, answer]) => (isEqual(answer, fresh) ? [] : [name]));
  return { recalled: [...known.keys()], wrong, fresh, reasons: reply.reads.reasons };
}

function isEqual(one: ProbeAnswer, other: ProbeAnswer): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

test(
  `${CASES} random edits of a project, seed ${SEED}: what is kept is what the project answers`,
  async () => {
    mkdirSync(join(folder, "attempts"));
    let state: ProbeState = FIRST_PROBE_STATE;
    const found = new Map([...stores.keys()].map((name) => [name, 0]));
    let [recalled, changed] = [0, 0];
    const before = new Map<Edit["env"], ProbeAnswer>();
    const first: Edit = { changes: [], style: "write", env: null };
    for (const [index, edit_] of [
      first,
      first,
      ...TOUR,
      ...fc.sample(edit, { numRuns: CASES, seed: SEED }),
    ].entries()) {
      const { changes, style, env } = edit_;
      state = { ...state, ...Object.fromEntries(changes) };
      const asker = new Asker(env, writeProbed(folder, state, style));
      const result = await compare(asker);
      const told = { seed: SEED, index, changes, style, env, state };
      // Python itself would take the byte code of one for that of the other.
      const reasons = result.reasons.filter((reason) => !reason.includes("may be of another"));
      expect({ ...told, reasons }).toEqual({ ...told, reasons: [] });
      expect({ ...told, wrong: result.wrong.filter((name) => name === "sound") }).toEqual({ ...told, wrong: [] });
      for (const name of result.wrong) found.set(name, (found.get(name) ?? 0) + 1);
      if (result.recalled.includes("sound")) recalled += 1;
      const last = before.get(env);
      if (last !== undefined && !isEqual(last, result.fresh)) changed += 1;
      before.set(env, result.fresh);
    }
    const planted = [...found].map(([name, count]) => `${name} ${count}`).join(", ");
    console.log(`answers: ${CASES} edits, seed ${SEED}: ${recalled} recalled, ${changed} changed; found: ${planted}`);
    expect(recalled, "without any, the property says nothing").toBeGreaterThan(0);
    expect(changed, "without any, the property says nothing").toBeGreaterThan(0);
    for (const name of Object.keys(PLANTED)) expect(found.get(name), name).toBeGreaterThan(0);
  },
  120_000 + CASES * 20_000,
);
