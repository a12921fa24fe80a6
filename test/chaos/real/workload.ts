import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MarkedProcesses } from "../../rig/marked-processes.ts";

const STEP = join(import.meta.dirname, "step.sh");

export interface Step {
  /** Runs whose output it reads. */
  from?: readonly string[];
  seconds?: number;
  /** Instead of the usual script; `OUTPUT` in it stands for the path of its output. */
  command?: readonly string[];
  /** Further fields of the run. */
  more?: Readonly<Record<string, unknown>>;
}

/** Two that can go side by side, what joins them, and what comes after. */
export const DIAMOND: Readonly<Record<string, Step>> = {
  left: {},
  right: { seconds: 0.05 },
  join: { from: ["left", "right"] },
  last: { from: ["join"] },
};

/** A workflow of commands in a folder of its own, with the witnesses that its children leave. */
export class Workload {
  readonly folder: string;
  readonly file: string;
  readonly state: string;
  readonly witness: string;
  readonly marked = new MarkedProcesses();
  /** Those that run the usual script. */
  readonly steps: readonly string[];

  constructor(parent: string, steps: Readonly<Record<string, Step>> = DIAMOND, header: object = {}) {
    mkdirSync(parent, { recursive: true });
    this.folder = mkdtempSync(join(parent, "trial-"));
    this.file = join(this.folder, "workflow.json");
    this.state = join(this.folder, "state");
    this.witness = join(this.folder, "witness");
    this.steps = Object.keys(steps).filter((name) => steps[name]?.command === undefined);
    const runs = Object.entries(steps).map(([name, step]) => [name, this.#describe(name, step)]);
    writeFileSync(this.witness, "");
    writeFileSync(this.file, JSON.stringify({ max_parallel: 2, ...header, runs: Object.fromEntries(runs) }));
  }

  /** The run_ids that children said they are, one for each start. */
  witnesses(): { runId: string; run: string; pid: number }[] {
    const lines = readFileSync(this.witness, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => {
      const [runId = "", run = "", pid = ""] = line.split(" ");
      return { runId, run, pid: Number(pid) };
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
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

/** The content that a step's output has if nothing went wrong, by its name. */
export function expectedOutputs(steps: Readonly<Record<string, Step>>): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, { from = [] }] of Object.entries(steps)) {
    outputs[name] = [`${name}\n`, ...from.map((run) => outputs[run] ?? "")].join("");
  }
  return outputs;
}
