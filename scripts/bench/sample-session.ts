import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { runFresh } from "./runweave-command.ts";
import { median, runCommand } from "./time-commands.ts";

const SAMPLES = 100;
const BYTES_PER_MB = 1e6;

/** Which process of a session to look at, given the orchestrator's. */
export type FindProcess = (orchestrator: number) => number;

/** How much higher the last tenth of the samples is than the second tenth: in the first one, programs still warm up. */
export function findGrowth(samples: readonly number[]): number {
  const tenth = Math.floor(samples.length / 10);
  return median(samples.slice(-tenth)) - median(samples.slice(tenth, 2 * tenth));
}

/** Looks at processes of a session again and again as its runs end; gives the samples of each, in MB. */
export async function sampleSession(
  file: string,
  runs: number,
  processes: readonly FindProcess[],
): Promise<number[][]> {
  const samples: number[][] = processes.map(() => []);
  let ended = 0;
  const { name, launch } = runFresh(path.basename(path.dirname(file)), file);
  await runCommand(name, launch(), ({ pid, stdout }) => {
    if (pid === undefined || stdout === null) return;
    createInterface({ input: stdout }).on("line", (line) => {
      if (!line.startsWith('{"type":"run.succeeded"')) return;
      ended += 1;
      // After the last run the processes are about to end, and may be gone.
      if (ended % (runs / SAMPLES) !== 0 || ended === runs) return;
      for (const [index, find] of processes.entries()) samples[index]?.push(readResidentMb(find(pid)));
    });
  });
  if (ended !== runs) throw new Error(`${name}: ${ended} of ${runs} runs succeeded`);
  return samples;
}

function readResidentMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (Number(kib) * 1024) / BYTES_PER_MB;
}

export function findOrchestrator(orchestrator: number): number {
  return orchestrator;
}

/** The child of the orchestrator that is a Kedro worker. */
export function findZygote(orchestrator: number): number {
  const children = readFileSync(`/proc/${orchestrator}/task/${orchestrator}/children`, "utf8").trim().split(" ");
  const isWorker = (pid: string) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("runweave_worker");
  const found = children.find(isWorker);
  if (found === undefined) throw new Error("the orchestrator has no Kedro worker");
  return Number(found);
}
