import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ActFacts, actStages, startCommand } from "../real/act-stage.ts";
import { endProcesses } from "../real/end-processes.ts";
import { judgeData } from "../real/judge-data.ts";
import { preloadLog } from "../real/preload.ts";
import { readRegistry } from "../real/read-registry.ts";
import { checkEnd } from "../real/sessions.ts";
import type { Stage } from "../real/stage-pool.ts";
import type { TrialFolder } from "../real/trial-folder.ts";
import { checkRegistry } from "../registry-invariants.ts";
import type { Campaign, TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

/** What a record is replaced by: as a kill, a full disk, another program or somebody's hand leaves it. */
const SPOILT: Readonly<Record<string, (path: string) => void>> = {
  empty: (path) => writeFileSync(path, ""),
  cut: (path) => writeFileSync(path, readOr(path, '{"pid":4242,"start').slice(0, 18)),
  foreign: (path) => writeFileSync(path, '["somebody", "else\'s"]\n'),
  "a link": (path) => replaceBy(path, () => symlinkSync("/dev/null", path)),
  "a link to nothing": (path) => replaceBy(path, () => symlinkSync("nothing", path)),
  "a folder": (path) => replaceBy(path, () => mkdirSync(path)),
  "a pipe": (path) => replaceBy(path, () => execFileSync("mkfifo", [path])),
};

/** Finds the records of a kind, or where there could be one. */
const RECORDS: Readonly<Record<string, (trial: TrialFolder, facts: ActFacts) => string[]>> = {
  "locks of paths": ({ folder, state }) => {
    const paths = ["places", join(folder, "plain/one"), join(folder, "plain/many"), "trash"];
    return paths.flatMap((path) => {
      const lock = join(state, "locks", createHash("sha256").update(path).digest("hex").slice(0, 32));
      return [join(lock, "7"), ...listFiles(lock)];
    });
  },
  "tickets for places": ({ state }) => [
    join(state, "locks/places/000000000001-2026-11-29T00.00.00.000Z-000000000000.json"),
  ],
  "claims of a run that was cut off": ({ state }) => findRunning(state),
  "manifests in the trash": ({ state }) =>
    readdirSync(join(state, "trash"))
      .filter((name) => name.startsWith("gc-"))
      .map((name) => join(state, "trash", name, "manifest.json")),
  "an entry of the trash that no registry knows": ({ state }) => [
    join(state, "trash/gc-2026-11-29T00.00.00.000Z-000000000000/manifest.json"),
  ],
  "records of workers": ({ state }) => [join(state, "workers/4242")],
};

const COMMANDS = (facts: ActFacts): (readonly string[])[] => [
  ["run", "workflow.json", "--json"],
  ["resume", facts.cutOff, "--json"],
  ["run", "failing-trash.json", "--json"],
  ["gc", "--keep-last", "1", "--yes"],
  ["trash", "list"],
  ["trash", "restore", facts.collectedRun],
  ["doctor"],
];
const ENDS = [0, 1, 2, 3];

export const staleLocks: TrialKind = {
  name: "stale-locks",
  what: "locks, claims, tickets and trash entries that are empty, cut, foreign, links, folders or pipes: every command ends, a run succeeds, nothing else is lost",
  hasProcesses: true,
  share: 1,
  full: 2 * Object.keys(RECORDS).length * Object.keys(SPOILT).length,
  mostAtOnce: actStages.most,
  async run(seed, campaign) {
    const cases = Object.keys(SPOILT).flatMap((how) => Object.keys(RECORDS).map((what) => ({ how, what })));
    const wanted = cases.filter(({ how, what }) => campaign.isWanted(`${what}: ${how}`));
    const chosen = wanted[seed % Math.max(1, wanted.length)];
    if (chosen === undefined) return [];
    const found = await actStages.use(campaign, (stage) => play(stage, chosen, campaign));
    return found.map((each) => ({ ...each, detail: `${chosen.what}: ${chosen.how}: ${each.detail}` }));
  },
};

async function play(
  { trial, facts }: Stage<ActFacts>,
  { how, what }: { how: string; what: string },
  campaign: Campaign,
): Promise<Violation[]> {
  const spoilt = RECORDS[what]?.(trial, facts) ?? [];
  for (const path of spoilt) {
    mkdirSync(dirname(path), { recursive: true });
    SPOILT[how]?.(path);
  }
  const found: Violation[] = [];
  try {
    for (const args of COMMANDS(facts)) {
      const ended = await startCommand(trial, campaign, { args, ...preloadLog(trial) }).ended;
      // Whatever lies there, a new session is none of its business.
      const allowed = args[1] === "workflow.json" ? [0] : ENDS;
      found.push(...checkEnd(ended, allowed).map((each) => ({ ...each, detail: `${args.join(" ")}: ${each.detail}` })));
      if (ended.hang !== null) break;
    }
    return [...found, ...judge(trial, spoilt)];
  } finally {
    endProcesses(trial.marked.list());
  }
}

/** Of an entry whose manifest can't be read nobody knows what it holds: it stays where it is. */
function judge(trial: TrialFolder, spoilt: readonly string[]): Violation[] {
  const { state } = trial;
  const lost = spoilt.filter((path) => path.includes("/trash/gc-") && !existsSync(dirname(path)));
  const isOfTrash = spoilt.some((path) => path.includes("/trash/"));
  const recorded = readRegistry(trial, (registry) => [
    ...checkRegistry(registry),
    ...judgeData({ state, registry }).filter(({ invariant }) => !isOfTrash || invariant === "hashes-match"),
  ]);
  return [...(recorded ?? []), ...lost.map((path) => violate("no-data-lost", `${dirname(path)} is gone`))];
}

function findRunning(state: string): string[] {
  const folders = readdirSync(join(state, "attempts")).map((name) => join(state, "attempts", name));
  const hasEnded = (folder: string) => ["manifest", "exit"].some((name) => existsSync(join(folder, name)));
  return folders.filter((folder) => !hasEnded(folder)).map((folder) => join(folder, "claim"));
}

function listFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function replaceBy(path: string, make: () => void): void {
  rmSync(path, { recursive: true, force: true });
  make();
}

function readOr(path: string, other: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : other;
}
