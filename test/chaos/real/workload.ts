import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TrialFolder } from "./trial-folder.ts";

const STEP = join(import.meta.dirname, "step.sh");
/** As the script has it. */
const FILES_OF_FOLDER = 4;

export interface Step {
  /** Runs whose output it reads. */
  from?: readonly string[];
  seconds?: number;
  /** Instead of the usual script; `OUTPUT` in it stands for the path of its output. */
  command?: readonly string[];
  /** What its output then holds if nothing goes wrong; left out if that does not follow from its inputs. */
  content?: string;
  /** The path in its folder that it writes to, from where it is captured; with a slash at the end it is a folder. */
  captured?: string;
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

/** Outputs that are captured, a file and a folder, read by others and published. */
export const CAPTURED: Steps = {
  one: { captured: "plain/one" },
  many: { captured: "plain/many/" },
  both: { from: ["one", "many"] },
};
export const PUBLISHED = { publish: ["one", "many"] };

/** A workflow of commands. */
export class Workload extends TrialFolder {
  readonly #parts: readonly [parent: string, steps: Steps, header: object];

  constructor(parent: string, steps: Steps = DIAMOND, header: object = {}) {
    const isUsual = Object.values(steps).every(({ command }) => command === undefined);
    const form = isUsual ? { form: JSON.stringify([steps, header]) } : {};
    const usual = Object.keys(steps).filter((name) => steps[name]?.command === undefined);
    super(parent, { steps: usual, expected: expectOutputs(steps), ...form });
    this.#parts = [parent, steps, header];
    const runs = Object.entries(steps).map(([name, step]) => [name, this.#describe(name, step)]);
    writeFileSync(this.file, JSON.stringify({ max_parallel: 2, ...header, runs: Object.fromEntries(runs) }));
  }

  override twin(): Workload {
    return new Workload(...this.#parts);
  }

  #describe(name: string, { from = [], seconds = 0.02, command, captured, more }: Step): object {
    const consumes = Object.fromEntries(from.map((run) => [`from_${run}`, { run, dataset: run }]));
    const inputs = from.map((run) => `\${inputs.from_${run}.path}`);
    if (captured !== undefined) mkdirSync(dirname(join(this.folder, captured)), { recursive: true });
    const output = captured ?? `\${outputs.${name}.path}`;
    const usual = ["/bin/sh", STEP, this.witness, name, String(seconds), output, ...inputs];
    const argv = command?.map((word) => (word === "OUTPUT" ? output : word)) ?? usual;
    const outputs = captured === undefined ? [name] : { [name]: captured.replace(/\/$/, "") };
    return { command: argv, consumes, outputs, ...more };
  }
}

/** What each step saves follows from its name and its inputs. */
function expectOutputs(steps: Steps): Record<string, string> {
  const made = new Map<string, string>();
  const files: [string, string][] = [];
  for (const [name, { from = [], command, content, captured }] of Object.entries(steps)) {
    const usual = [`${name}\n`, ...from.map((run) => made.get(run) ?? "")].join("");
    if (command !== undefined && content === undefined) continue;
    const isFolder = captured?.endsWith("/") === true;
    made.set(name, isFolder ? usual.repeat(FILES_OF_FOLDER) : (content ?? usual));
    if (!isFolder) files.push([`${name}.${name}`, made.get(name) ?? ""]);
  }
  return Object.fromEntries(files);
}
