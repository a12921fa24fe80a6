import { spawn } from "node:child_process";
import { join } from "node:path";
import { COMPILE_CACHE } from "../../rig/compile-cache.ts";
import type { KindResult } from "../trial.ts";
import { PLANT_VARIABLE } from "./plant.ts";

const HARNESS = join(import.meta.dirname, "../main.ts");
const PRELOAD = join(import.meta.dirname, "preload.ts");

interface Trials {
  kind: string;
  trials: number;
  firstSeed: number;
  /** See `PlantedBug.only`. */
  only: string;
}

/** Runs a harness of its own with a bug in the source that it calls. `complaint`: what it said if it could not even run. */
export async function tryInSource(
  bug: string,
  { kind, trials, firstSeed, only }: Trials,
): Promise<{ results: KindResult[]; complaint: string | null }> {
  const seeds = ["--trials", String(trials), "--seed", String(firstSeed)];
  const wanted = ["--kinds", kind, ...seeds, "--only", only, "--json"];
  const env = { ...process.env, ...COMPILE_CACHE, [PLANT_VARIABLE]: bug };
  const { stdout, stderr } = await runHarness(["--import", PRELOAD, HARNESS, ...wanted], env);
  try {
    return { results: JSON.parse(stdout) as KindResult[], complaint: null };
  } catch {
    return { results: [], complaint: stderr.slice(-2_000) };
  }
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
