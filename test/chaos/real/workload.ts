import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TrialFolder } from "./trial-folder.ts";

const STEP = join(import.meta.dirname, "step.sh");

export interface Step {
  /** Runs whose output it reads. */
  from?: readonly string[];
  seconds?: number;
  /** Instead of the usual script; `OUTPUT` in it stands for the path of its output. */
  command?: readonly string[];
  /** What its output then holds if nothing goes wrong; left out if that does not follow from its inputs. */
  content?: string;
  /** Further fields of the run. */
  more?: Readonly<Record<string, unknown>>;
}

export type Steps = Readonly<Record<string, Step>>;

/** Two that can go side by side, what joins them, and what comes after. */
export const DIAMOND: Steps = {
  left: {},
  right: { seconds: 0.05 },
  join: { from: ["left", "right"] },
  last: { from: ["join"] },
};

/** A workflow of commands. */
export class Workload extends TrialFolder {
  constructor(parent: string, steps: Steps = DIAMOND, header: object = {}) {
    const usual = Object.keys(steps).filter((name) => steps[name]?.command === undefined);
    super(parent, { steps: usual, expected: expectOutputs(steps) });
    const runs = Object.entries(steps).map(([name, step]) => [name, this.#describe(name, step)]);
    writeFileSync(this.file, JSON.stringify({ max_parallel: 2, ...header, runs: Object.fromEntries(runs) }));
  }

  #describe(name: string, { from = [], seconds = 0.02, command, more }: Step): object {
    const consumes = Object.fromEntries(from.map((run) => [`from_${run}`, { run, dataset: run }]));
    const inputs = from.map((run) => `\${inputs.from_${run}.path}`);
    const output = `\${outputs.${name}.path}`;
    const usual = ["/bin/sh", STEP, this.witness, name, String(seconds), output, ...inputs];
    const argv = command?.map((word) => (word === "OUTPUT" ? output : word)) ?? usual;
    return { command: argv, consumes, outputs: [name], ...more };
  }
}

/** What each step saves follows from its name and its inputs. */
function expectOutputs(steps: Steps): Record<string, string> {
  const made = new Map<string, string>();
  for (const [name, { from = [], command, content }] of Object.entries(steps)) {
    const usual = [`${name}\n`, ...from.map((run) => made.get(run) ?? "")].join("");
    if (command === undefined || content !== undefined) made.set(name, content ?? usual);
  }
  return Object.fromEntries(Array.from(made, ([name, text]) => [`${name}.${name}`, text]));
}
