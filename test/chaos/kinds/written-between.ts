import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endProcesses } from "../real/end-processes.ts";
import { type Ended, Orchestrator } from "../real/orchestrator.ts";
import type { Strike } from "../real/point.ts";
import { preloadLog, preloadStrike, readPoints } from "../real/preload.ts";
import { checkEnd, startResume, startRun } from "../real/sessions.ts";
import { TrialFolder } from "../real/trial-folder.ts";
import { spread } from "../spread.ts";
import { type Campaign, drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const MINE = "mine\n";
/** Plain paths, and what stands there before the publication: nothing at the last one. */
const BEFORE: Readonly<Record<string, string | null>> = {
  "out/one": "old\n",
  "out/many/a": "old\n",
  "out/many/b": null,
};
const MAKE = "mkdir -p out/many; for each in out/one out/many/a out/many/b; do echo new >$each; done";
const RESET = "for each in out/one out/many/a; do rm $each; echo old >$each; done; rm out/many/b";

/** Ways in which a user's program writes a file. */
const WRITES: Readonly<Record<string, (path: string) => void>> = {
  "saved by a rename": (path) => {
    writeFileSync(`${path}~`, MINE);
    renameSync(`${path}~`, path);
  },
  "written in place": (path) => writeFileSync(path, MINE),
};

/** The end of the first try: at a point of its publication by a kill or a full disk, or by the refusal of one of its targets. */
const ENDS = ["SIGKILL", "ENOSPC", "refused"] as const;

interface Case {
  end: (typeof ENDS)[number];
  how: string;
  path: string;
}

const CASES: readonly Case[] = ENDS.flatMap((end) =>
  Object.keys(WRITES).flatMap((how) => Object.keys(BEFORE).map((path) => ({ end, how, path }))),
);

export const writtenBetween: TrialKind = {
  name: "written-between",
  what: "a user writes to a plain path between two tries of its publication, of which the first was killed, refused, or had no space: nothing of that is lost",
  hasProcesses: true,
  share: 4,
  full: 180,
  async run(seed, campaign) {
    const cases = CASES.filter((each) => campaign.isWanted(tell(each)));
    const chosen = cases[spread(seed, Math.max(1, cases.length))];
    if (chosen === undefined) return [];
    const strike = chosen.end === "refused" ? null : await drawStrike(seed, chosen.end, campaign);
    const at = strike === null ? "" : `, ${strike.when} ${strike.name} (${strike.nth})`;
    const found = await play(chosen, strike, campaign);
    return found.map((each) => ({ ...each, detail: `${tell(chosen)}${at}: ${each.detail}` }));
  },
};

function tell({ end, how, path }: Case): string {
  return `${end}, ${path} ${how}`;
}

const points = new Map<Campaign, Promise<ReturnType<typeof readPoints>>>();

/** A point of the publication: it begins with the first change to the trash. */
async function drawStrike(seed: number, end: "SIGKILL" | "ENOSPC", campaign: Campaign): Promise<Strike | null> {
  const listed = points.get(campaign) ?? listPoints(campaign);
  points.set(campaign, listed);
  const isFile = /^(copyFile|link|mkdir|open|rename|write)/;
  const fitting = (await listed).filter(({ name }) => end === "SIGKILL" || isFile.test(name));
  const draw = drawFrom(String(seed), "point");
  const point = fitting[Math.floor(draw() * fitting.length)];
  if (point === undefined) return null;
  const { name, nth } = point;
  if (end === "ENOSPC") return { name, nth, when: "instead", what: end };
  return { name, nth, when: draw() < 0.5 ? "before" : "after", what: end };
}

async function listPoints(campaign: Campaign) {
  const trial = makeTrial(campaign, { isRefused: false });
  try {
    await startRun(trial, campaign, preloadLog(trial)).ended;
    const all = readPoints(trial);
    return all.slice(all.findIndex(({ name }) => name.includes("trash/published-over")));
  } finally {
    trial.remove();
  }
}

function makeTrial(campaign: Campaign, { isRefused }: { isRefused: boolean }): TrialFolder {
  const trial = new TrialFolder(campaign.folder, { steps: [], expected: {} });
  const outputs = { one: "out/one", many: "out/many", last: "last" };
  const make = { command: ["sh", "-c", `${MAKE}; echo last >last`], outputs };
  const refuse = isRefused ? "; rm last; ln -s out/one last" : "";
  const reset = { command: ["sh", "-c", `${RESET}${refuse}`], needs: ["make"] };
  writeFileSync(trial.file, JSON.stringify({ publish: Object.keys(outputs), runs: { make, reset } }));
  return trial;
}

async function play({ end, how, path }: Case, strike: Strike | null, campaign: Campaign): Promise<Violation[]> {
  const trial = makeTrial(campaign, { isRefused: end === "refused" });
  try {
    const extra = strike === null ? {} : preloadStrike(trial, strike);
    const found = checkEnd(await startRun(trial, campaign, extra).ended, end === "SIGKILL" ? [null, 0] : [0, 1, 3]);
    WRITES[how]?.(join(trial.folder, path));
    // The user mends what was refused.
    if (end === "refused") rmSync(join(trial.folder, "last"));
    found.push(...checkEnd(await startResume(trial, campaign).ended, [0]), ...judgeKept(trial, "resumed"));
    const undone = await rollBack(trial, campaign);
    found.push(...checkEnd(undone, [0, 1]), ...judgeUndone(trial, path, undone));
    if (undone.exitCode !== 1) return found;
    found.push(...checkEnd(await rollBack(trial, campaign, "--force"), [0]));
    return [...found, ...judgeKept(trial, "rolled back by force")];
  } finally {
    endProcesses(trial.marked.list());
    trial.remove();
  }
}

function rollBack(trial: TrialFolder, { packageFolder }: Campaign, ...flags: string[]): Promise<Ended> {
  return new Orchestrator(trial, { packageFolder, args: ["rollback", "latest", ...flags] }).ended;
}

/** Finds a violation unless the user's text is on the disk or in the trash. */
function judgeKept(trial: TrialFolder, when: string): Violation[] {
  const texts = [join(trial.folder, "out"), join(trial.state, "trash")].flatMap(readAll);
  return texts.includes(MINE) ? [] : [violate("no-data-lost", `${when}: what the user wrote is nowhere`)];
}

/** A rollback gives back what stood there last before the publication. It changes nothing if that is what the user wrote since. */
function judgeUndone(trial: TrialFolder, path: string, { exitCode }: Ended): Violation[] {
  const read = (each: string) => readOrNull(join(trial.folder, each));
  const isMine = read(path) === MINE;
  if (!isMine) return [violate("no-data-lost", `rolled back, exit code ${exitCode}: ${path} holds ${read(path)}`)];
  if (exitCode !== 0) return [];
  return Object.entries(BEFORE).flatMap(([each, text]) =>
    each === path || read(each) === text ? [] : [violate("no-data-lost", `rolled back: ${each} holds ${read(each)}`)],
  );
}

function readOrNull(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

function readAll(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
}
