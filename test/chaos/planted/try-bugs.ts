import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { KindResult } from "../trial.ts";
import type { Invariant } from "../violation.ts";
import { findBug, PLANT_VARIABLE } from "./plant.ts";

/** What the harness found with a bug in the code. */
export interface BugResult {
  bug: string;
  wanted: Invariant;
  found: Invariant[];
  isCaught: boolean;
  /** What the harness said if it could not even run. */
  complaint: string | null;
}

const HARNESS = join(import.meta.dirname, "../main.ts");
const PRELOAD = join(import.meta.dirname, "preload.ts");

/** The first trial that finds a bug is the last. A busy machine may need more of them than the quiet one that they were counted on. */
const PATIENCE = 3;

/** Runs the harness once for each bug, with that bug in the code. */
export async function tryBugs(names: readonly string[], onResult: (result: BugResult) => void): Promise<BugResult[]> {
  const waiting = [...names];
  const results: BugResult[] = [];
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const result = await tryBug(name);
      onResult(result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results.sort((a, b) => names.indexOf(a.bug) - names.indexOf(b.bug));
}

async function tryBug(bug: string): Promise<BugResult> {
  const { kind, trials, invariant, only = "" } = findBug(bug);
  const wanted = ["--kinds", kind, "--trials", String(trials * PATIENCE), "--only", only, "--json"];
  const args = ["--import", PRELOAD, HARNESS, ...wanted];
  const { stdout, stderr } = await runHarness(args, { ...process.env, [PLANT_VARIABLE]: bug });
  const results = parseOrNull(stdout);
  const violations = (results ?? []).flatMap(({ failures }) => failures.flatMap((failure) => failure.violations));
  const found = [...new Set(violations.map((violation) => violation.invariant))];
  const complaint = results === null ? stderr.slice(-2_000) : null;
  return { bug, wanted: invariant, found, isCaught: found.includes(invariant), complaint };
}

function runHarness(args: string[], env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const told = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      told[stream] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve(told));
  });
}

function parseOrNull(text: string): KindResult[] | null {
  try {
    return JSON.parse(text) as KindResult[];
  } catch {
    return null;
  }
}

/** `caught  registry-equals-disk  a version counts though it is not there`. */
export function formatBug({ bug, wanted, found, isCaught, complaint }: BugResult): string {
  const rest = isCaught ? "" : `: found ${found.join(", ") || "nothing"}${complaint === null ? "" : `\n${complaint}`}`;
  return `${isCaught ? "caught" : "MISSED"}  ${wanted.padEnd(28)}  ${bug}${rest}`;
}
