import { rmSync } from "node:fs";
import { join } from "node:path";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { checkWorkload } from "../real/disk-invariants.ts";
import { finishSession } from "../real/finish-session.ts";
import { checkEnd, startRun } from "../real/sessions.ts";
import { fillDisk, mountSmallDisk } from "../real/small-disk.ts";
import { Workload } from "../real/workload.ts";
import { drawFrom, type TrialKind } from "../trial.ts";

const DISK_BYTES = 4_000_000;
/** What a new registry takes, and what a session writes to one that is there. */
const MOST_LEFT = { fresh: 700_000, used: 150_000 };

export const diskFull: TrialKind = {
  name: "disk-full",
  what: "a session on a tmpfs that is full at some point, resumed when there is room (where tmpfs may be mounted)",
  hasProcesses: true,
  share: 10,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "disk");
    const isFresh = draw() < 0.3;
    const left = Math.floor(draw() * MOST_LEFT[isFresh ? "fresh" : "used"]);
    const disk = mountSmallDisk(join(campaign.folder, `disk-${seed}`), DISK_BYTES);
    if (disk === null) return null;
    try {
      const workload = new Workload(disk.folder);
      if (!isFresh) openSqliteRegistry(join(workload.state, "registry.sqlite")).close();
      fillDisk(disk, left);
      const orchestrator = startRun(workload, campaign);
      const ended = await orchestrator.ended;
      rmSync(join(disk.folder, "ballast"));
      const told = [...checkEnd(ended, [0, 1, 3]), ...(await checkWorkload(workload))];
      return [...told, ...(await finishSession(workload, campaign))];
    } finally {
      disk.remove();
    }
  },
};
