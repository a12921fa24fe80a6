import type { SliceFacts } from "../../core/project-facts.ts";
import type { GivenRead } from "../../core/read.ts";
import type { Run } from "../../define/define-workflow.ts";
import { parseWorkflow } from "../../define/parse.ts";
import type { Plan } from "../../plan/plan.ts";
import { prepareWhole } from "../prepare/prepare-plan.ts";
import { valueOrThrow } from "../workflow-error.ts";
import type { Workspace } from "../workspace.ts";
import { declareScriptRun, nameScriptRun, type ScriptHeader, type ScriptRun } from "./script-run.ts";

/**
 * The runs of a script: declared one after the other, each prepared as a run of a workflow file is. Facts of a run's project and what it
 * took from outside the session are kept for the runs that consume it: what lies outside may have changed since.
 */
export class ScriptRuns {
  readonly #header: ScriptHeader;
  /** Relative paths are to this folder. */
  readonly #from: string;
  readonly #declared = new Map<string, { run: Run; index: number }>();
  readonly #facts = new Map<string, SliceFacts>();
  readonly #frozen = new Map<string, Readonly<Record<string, GivenRead>>>();

  constructor(header: ScriptHeader, from: string) {
    this.#header = header;
    this.#from = from;
  }

  /** Number of declared runs. */
  get count(): number {
    return this.#declared.size;
  }

  /** Declares a run under its name, or under that name with a number if it is taken. Returns the name. */
  declare(run: ScriptRun): string {
    const wanted = nameScriptRun(run);
    let name = wanted;
    for (let n = 2; this.#declared.has(name); n++) name = `${wanted}_${n}`;
    this.#declared.set(name, { run: declareScriptRun(run), index: this.#declared.size });
    return name;
  }

  /**
   * The plan of one declared run, prepared among those that it depends on, all of which have been prepared. Throws WorkflowError with
   * every problem, and EnvironmentError if its project can't be asked.
   */
  async prepare(name: string, { probe, earlier }: Pick<Workspace, "probe" | "earlier">): Promise<Plan> {
    const upstream = this.#upstreamOf(name);
    const runs = Object.fromEntries([...upstream, name].map((run) => [run, this.#find(run).run]));
    const context = { file: null, dir: this.#from, locate: () => null, literal: "session" as const };
    const definition = valueOrThrow(parseWorkflow({ ...this.#header, runs }, context));
    const before = {
      runs: new Set(upstream),
      facts: pick(this.#facts, upstream),
      frozen: pick(this.#frozen, upstream),
    };
    const options = { environment: process.env, probe, registry: earlier, before };
    const { plan, facts, frozen } = valueOrThrow(await prepareWhole(definition, options));
    for (const [run, found] of facts) this.#facts.set(run, found);
    for (const [run, found] of frozen) this.#frozen.set(run, found);
    const { index } = this.#find(name);
    return { ...plan, runs: plan.runs.map((run) => ({ ...run, index })) };
  }

  /** All that a run depends on, upstream first. */
  #upstreamOf(name: string): string[] {
    const found = new Set([name]);
    for (const run of found) {
      const { consumes = {}, needs = [] } = this.#find(run).run;
      for (const consumed of Object.values(consumes)) {
        if (typeof consumed === "string") found.add(consumed);
        else if ("run" in consumed) found.add(consumed.run);
      }
      for (const upstream of needs) found.add(upstream);
    }
    found.delete(name);
    return [...found].reverse();
  }

  #find(name: string): { run: Run; index: number } {
    const declared = this.#declared.get(name);
    if (declared === undefined) throw new Error(`the script has declared no run ${name}`);
    return declared;
  }
}

function pick<T>(from: ReadonlyMap<string, T>, names: readonly string[]): Map<string, T> {
  return new Map(
    names.flatMap((name) => {
      const found = from.get(name);
      return found === undefined ? [] : [[name, found] as const];
    }),
  );
}
