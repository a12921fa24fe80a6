import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MarkedProcesses } from "../../rig/marked-processes.ts";

/** What children say of themselves as they start, where no registry looks. */
export interface Witness {
  runId: string;
  run: string;
  pid: number;
}

interface TrialParts extends Pick<TrialFolder, "steps" | "expected"> {
  /** Default: one in the folder. */
  file?: string;
  /** Default: none. */
  form?: string;
  /** Default: of sessions that take seconds. */
  limitMs?: number;
  /** One that is there already, such as a copy; default: a new one. */
  folder?: string;
}

const LIMIT_MS = 30_000;

/** A workflow in a folder of its own, with a registry of its own, and what its processes leave there. */
export class TrialFolder {
  readonly folder: string;
  readonly file: string;
  /** The state folder, outside of everything else. */
  readonly state: string;
  readonly witness: string;
  /** Where its processes note what they are about to do: beside the folder, which holds nothing but what they do. */
  readonly points: string;
  readonly marked = new MarkedProcesses();
  /** So long every command may take, on a busy machine too: one that takes longer hangs. */
  readonly limitMs: number;
  /** Runs that print `NAME begins` and `NAME ends`. */
  readonly steps: readonly string[];
  /** What each output holds if nothing goes wrong, by `run.dataset`. */
  readonly expected: Readonly<Record<string, string>>;
  /** The same for all that come to the same; null of one whose session can't be let alone. */
  readonly form: string | null;

  constructor(parent: string, { steps, expected, file, form, limitMs, folder }: TrialParts) {
    mkdirSync(parent, { recursive: true });
    this.folder = folder ?? mkdtempSync(join(parent, "trial-"));
    this.file = file ?? join(this.folder, "workflow.json");
    this.state = join(this.folder, "state");
    this.witness = join(this.folder, "witness");
    this.points = `${this.folder}.points`;
    this.steps = steps;
    this.expected = expected;
    this.limitMs = limitMs ?? LIMIT_MS;
    this.form = form ?? null;
    if (folder === undefined) writeFileSync(this.witness, "");
  }

  /** Every start of a child, in order. */
  witnesses(): Witness[] {
    const lines = readFileSync(this.witness, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => {
      const [runId = "", run = "", pid = ""] = line.split(" ");
      return { runId, run, pid: Number(pid) };
    });
  }

  /** Another one of the same form. */
  twin(): TrialFolder {
    throw new Error("only what has a form has a twin");
  }

  remove(): void {
    for (const path of [this.folder, this.points]) rmSync(path, { recursive: true, force: true });
  }
}
