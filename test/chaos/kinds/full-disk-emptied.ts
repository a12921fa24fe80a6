import { readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteRegistry } from "../../../src/record/sqlite/registry.ts";
import { type Ended, Orchestrator, type OrchestratorOptions } from "../real/orchestrator.ts";
import type { SeenPoint, When } from "../real/point.ts";
import { preloadLog, preloadStrike, readPoints } from "../real/preload.ts";
import { checkEnd } from "../real/sessions.ts";
import { fillDisk, mountSmallDisk, type SmallDisk } from "../real/small-disk.ts";
import { TrialFolder } from "../real/trial-folder.ts";
import { checkRegistry, listAttempts } from "../registry-invariants.ts";
import { spread } from "../spread.ts";
import type { Campaign, TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const DISK_BYTES = 40_000_000;
const VERSION_BYTES = 500_000;
const EMPTY = ["trash", "empty", "--yes"] as const;
const WHENS: readonly When[] = ["before", "inside", "after"];

/** Points of emptying a trash on a full disk, if nothing is done to it. */
const seen = new Map<string, Promise<readonly SeenPoint[]>>();

export const fullDiskEmptied: TrialKind = {
  name: "full-disk-emptied",
  what: "kill -9 at any point of emptying the trash on a disk that is full; then the same again (where tmpfs may be mounted)",
  hasProcesses: true,
  share: 4,
  mostAtOnce: 1,
  async run(seed, campaign) {
    const points = await findPoints(campaign);
    const strikes = points.flatMap((point) =>
      WHENS.filter((when) => when !== "inside" || point.hasInside).map((when) => ({ ...point, when, what: "SIGKILL" })),
    );
    if (strikes.length === 0) return null;
    const wanted = strikes.filter(({ when, name }) => campaign.isWanted(`${when} ${name}`));
    const strike = wanted[spread(seed, wanted.length)];
    if (strike === undefined) return [];
    const found = await onFullDisk(campaign, `emptied-${seed}`, async (trial, disk) => {
      const cutOff = await start(campaign, trial, { args: EMPTY, ...preloadStrike(trial, strike) });
      const again = await start(campaign, trial, { args: EMPTY });
      return [...checkEnd(cutOff, [null, 0]), ...checkEnd(again, [0]), ...judge(trial, disk)];
    });
    return found?.map((each) => ({ ...each, detail: `${strike.when} ${strike.name}: ${each.detail}` })) ?? null;
  },
};

function findPoints(campaign: Campaign): Promise<readonly SeenPoint[]> {
  const found =
    seen.get(campaign.folder) ??
    onFullDisk(campaign, "emptied-whole", async (trial) => {
      await start(campaign, trial, { args: EMPTY, ...preloadLog(trial) });
      return readPoints(trial);
    }).then((points) => points ?? []);
  seen.set(campaign.folder, found);
  return found;
}

/** A project whose older versions are in the trash, on a disk without a byte left. Null where none can be mounted. */
async function onFullDisk<T>(
  campaign: Campaign,
  name: string,
  work: (trial: TrialFolder, disk: SmallDisk) => Promise<T>,
): Promise<T | null> {
  const disk = mountSmallDisk(join(campaign.folder, name), DISK_BYTES);
  if (disk === null) return null;
  const trial = new TrialFolder(campaign.folder, { folder: disk.folder, steps: [], expected: {} });
  try {
    const script = `head -c ${VERSION_BYTES} /dev/urandom >"$1"`;
    const make = { command: ["sh", "-c", script, "sh", "${outputs.it.path}"], outputs: ["it"] };
    writeFileSync(trial.file, JSON.stringify({ runs: { make } }));
    for (let play = 0; play < 3; play += 1) await start(campaign, trial, { args: ["run", trial.file] });
    await start(campaign, trial, { args: ["gc", "--keep-last", "1", "--yes"] });
    fillDisk(disk, 0);
    return await work(trial, disk);
  } finally {
    disk.remove();
    rmSync(trial.points, { force: true });
  }
}

/** The bytes are free, and the record says what became of each version. */
function judge({ state }: TrialFolder, { folder }: SmallDisk): Violation[] {
  const left = readdirSync(join(state, "trash"));
  const { bavail, bsize } = statfsSync(folder);
  const isFreed = bavail * bsize >= VERSION_BYTES;
  const registry = openSqliteRegistry(join(state, "registry.sqlite"), { readOnly: true });
  try {
    const said = listAttempts(registry).map(({ discarded }) => discarded?.state ?? "there");
    const isTold = said.sort().join() === "deleted,deleted,there";
    return [
      ...checkRegistry(registry),
      ...(left.length === 0 ? [] : [violate("registry-equals-disk", `the trash holds ${left.join(", ")}`)]),
      ...(isTold ? [] : [violate("registry-equals-disk", `the versions are on record as ${said.join(", ")}`)]),
      ...(isFreed ? [] : [violate("registry-equals-disk", `${bavail * bsize} bytes are free`)]),
    ];
  } finally {
    registry.close();
  }
}

async function start(
  { packageFolder }: Campaign,
  trial: TrialFolder,
  options: Omit<OrchestratorOptions, "packageFolder">,
): Promise<Ended> {
  return await new Orchestrator(trial, { packageFolder, ...options }).ended;
}
