import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkWorkload } from "../real/disk-invariants.ts";
import { endProcesses } from "../real/end-processes.ts";
import { finishSession } from "../real/finish-session.ts";
import { preload } from "../real/preload.ts";
import { readRegistry } from "../real/read-registry.ts";
import { checkEnd, startRun } from "../real/sessions.ts";
import { Workload } from "../real/workload.ts";
import { type Draw, drawFrom, type TrialKind } from "../trial.ts";
import { tear } from "./torn-log.ts";

/** A session commits about so often. */
const COMMITS = 14;

export const powerLoss: TrialKind = {
  name: "power-loss",
  what: "everything ends during a commit: SQLite's log is torn after the last commit that returned, unflushed files are short",
  hasProcesses: true,
  share: 14,
  full: 300,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "power");
    const workload = new Workload(campaign.folder);
    // Beside the folder, which holds nothing but what its processes leave.
    const sizes = workload.points;
    const commit = 1 + Math.floor(draw() * COMMITS);
    try {
      const orchestrator = startRun(workload, campaign, preload(workload, { CHAOS_COMMITS: `${commit}:${sizes}` }));
      const ended = checkEnd(await orchestrator.ended, [null, 0]);
      endProcesses(workload.marked.list());
      await workload.marked.remaining(5_000);
      tearLog(workload, { sizes, draw });
      shortenFiles(workload, draw);
      return [...ended, ...(await checkWorkload(workload)), ...(await finishSession(workload, campaign))];
    } finally {
      workload.remove();
    }
  },
};

/** What was written after the last commit that had returned may be there in part, or otherwise. */
function tearLog({ state }: Workload, { sizes, draw }: { sizes: string; draw: Draw }): void {
  const log = join(state, "registry.sqlite-wal");
  const lines = existsSync(sizes) ? readFileSync(sizes, "utf8").trim().split("\n").map(Number) : [];
  const flushed = lines.at(-2) ?? 0;
  if (!existsSync(log) || flushed === 0 || statSync(log).size <= flushed) return;
  const bytes = readFileSync(log);
  writeFileSync(log, Buffer.concat([bytes.subarray(0, flushed), tear(bytes.subarray(flushed), draw)]));
}

/** Of attempts that have no end on record nothing but the outputs and the manifest was flushed. */
function shortenFiles(workload: Workload, draw: Draw): void {
  const session = readRegistry(workload, (registry) => registry.findSession("latest"));
  for (const { run_id, status } of session?.runs ?? []) {
    const folder = join(workload.state, "attempts", String(run_id));
    if (status !== "running" || !existsSync(folder)) continue;
    for (const name of readdirSync(folder).filter((each) => each === "exit" || each === "claim")) {
      const file = join(folder, name);
      const luck = draw();
      if (luck < 0.5) truncateSync(file, Math.floor(draw() * statSync(file).size));
      else if (luck < 0.7 && name === "exit") rmSync(file);
    }
  }
}
