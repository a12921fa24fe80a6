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
}

/** A workflow in a folder of its own, with a registry of its own, and what its processes leave there. */
export class TrialFolder {
  readonly folder: string;
  readonly file: string;
  /** The state folder, outside of everything else. */
  readonly state: string;
  readonly witness: string;
  readonly marked = new MarkedProcesses();
  /** Runs that print `NAME begins` and `NAME ends`. */
  readonly steps: readonly string[];
  /** What each output holds if nothing goes wrong, by `run.dataset`. */
  readonly expected: Readonly<Record<string, string>>;

  constructor(parent: string, { steps, expected, file }: TrialParts) {
    mkdirSync(parent, { recursive: true });
    this.folder = mkdtempSync(join(parent, "trial-"));
    this.file = file ?? join(this.folder, "workflow.json");
    this.state = join(this.folder, "state");
    this.witness = join(this.folder, "witness");
    this.steps = steps;
    this.expected = expected;
    writeFileSync(this.witness, "");
  }

  /** Every start of a child, in order. */
  witnesses(): Witness[] {
    const lines = readFileSync(this.witness, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => {
      const [runId = "", run = "", pid = ""] = line.split(" ");
      return { runId, run, pid: Number(pid) };
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
