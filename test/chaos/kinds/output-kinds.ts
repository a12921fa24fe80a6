import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcesses } from "../real/end-processes.ts";
import { judgeData } from "../real/judge-data.ts";
import { Orchestrator } from "../real/orchestrator.ts";
import { preloadLog } from "../real/preload.ts";
import { readRegistry } from "../real/read-registry.ts";
import { checkEnd } from "../real/sessions.ts";
import { TrialFolder } from "../real/trial-folder.ts";
import { checkRegistry } from "../registry-invariants.ts";
import { spread } from "../spread.ts";
import type { Campaign, TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

/** Shell commands that make something of a kind at `$1`. */
const KINDS: Readonly<Record<string, string>> = {
  "a pipe": 'mkfifo "$1"',
  "a socket": 'python3 -c "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])" "$1"',
  "a link to a device": 'ln -s /dev/zero "$1"',
  "a loop": 'ln -s "$(basename "$1")" "$1"',
  "a link that leads out": 'echo outside >outside; ln -s "$PWD/outside" "$1"',
  "a link to nothing": 'ln -s nothing "$1"',
};
/** Where it is, as what: an output itself, or beside files of one. */
const PLACES = ["own output", "captured output", "in an own folder", "in a captured folder"] as const;
const ACTS = ["run", "resume", "gc"] as const;
const LIMIT_MS = 15_000;
const [DONE, FAILED, REFUSED] = [0, 1, 2];

interface Case {
  kind: string;
  place: (typeof PLACES)[number];
  act: (typeof ACTS)[number];
}

const CASES: readonly Case[] = ACTS.flatMap((act) =>
  PLACES.flatMap((place) => Object.keys(KINDS).map((kind) => ({ kind, place, act }))),
);

export const outputKinds: TrialKind = {
  name: "output-kinds",
  what: "pipes, sockets, devices, loops and links as outputs, captured, or in a folder: run, resume, and gc onto another disk end in time",
  hasProcesses: true,
  share: 3,
  full: 2 * CASES.length,
  async run(seed, campaign) {
    const cases = CASES.filter((each) => campaign.isWanted(tell(each)));
    const chosen = cases[spread(seed, cases.length)];
    if (chosen === undefined) return [];
    const found = await play(chosen, campaign);
    return found?.map((each) => ({ ...each, detail: `${tell(chosen)}: ${each.detail}` })) ?? null;
  },
};

function tell({ kind, place, act }: Case): string {
  return `${act}, ${place}, ${kind}`;
}

async function play(chosen: Case, campaign: Campaign): Promise<Violation[] | null> {
  const trial = new TrialFolder(campaign.folder, { steps: [], expected: {}, limitMs: LIMIT_MS });
  // The trash is in the state folder: what is collected from another disk is copied.
  const store = chosen.act === "gc" ? mkdtempSync(join(tmpdir(), "chaos-store-")) : null;
  try {
    if (store !== null && statSync(store).dev === statSync(trial.folder).dev) return null;
    mkdirSync(join(trial.folder, "plain"));
    writeFileSync(trial.file, JSON.stringify(describe(chosen, store)));
    return await { run: playRun, resume: playResume, gc: playGc }[chosen.act](trial, campaign, chosen);
  } finally {
    endProcesses(trial.marked.list());
    trial.remove();
    if (store !== null) rmSync(store, { recursive: true });
  }
}

/** With files beside it where there can be some. */
function describe({ kind, place }: Case, store: string | null): object {
  const isFolder = place.includes("folder");
  const make = isFolder
    ? `mkdir -p "$1"; echo data >"$1/data"; set -- "$1/odd"; rm -f "$1"; ${KINDS[kind]}`
    : `rm -f "$1"; ${KINDS[kind]}`;
  const isCaptured = place.includes("captured");
  const target = isCaptured ? "plain/it" : "${outputs.it.path}";
  const run = { command: ["sh", "-c", make, "odd", target], outputs: isCaptured ? { it: "plain/it" } : ["it"] };
  return { name: "odd", ...(store === null ? {} : { store }), runs: { odd: run } };
}

async function playRun(trial: TrialFolder, campaign: Campaign, chosen: Case): Promise<Violation[]> {
  const ended = await start(trial, campaign, ["run", trial.file, "--json"]).ended;
  return [...checkEnd(ended, [DONE, FAILED]), ...judge(trial, chosen)];
}

/** Cut off as soon as the run is under way, and resumed twice: what can't be done fails, and fails again. */
async function playResume(trial: TrialFolder, campaign: Campaign, chosen: Case): Promise<Violation[]> {
  const first = start(trial, campaign, ["run", trial.file, "--json"]);
  await first.shows('"run.started"');
  first.signal("SIGKILL");
  await first.ended;
  await trial.marked.remaining(5_000);
  const found: Violation[] = [];
  for (let time = 0; time < 2; time++) {
    found.push(...checkEnd(await start(trial, campaign, ["resume", "--json"]).ended, [DONE, FAILED]));
  }
  return [...found, ...judge(trial, chosen)];
}

/** Collected, put back and collected again, across disks. */
async function playGc(trial: TrialFolder, campaign: Campaign, chosen: Case): Promise<Violation[]> {
  const found = await playRun(trial, campaign, chosen);
  // Something newer, so that the first one is old.
  found.push(...(await playRun(trial, campaign, chosen)));
  const acts = [
    ["gc", "--keep-last", "1", "--yes"],
    ["trash", "restore", "odd"],
    ["gc", "--keep-last", "1", "--yes"],
    ["trash", "empty", "--yes"],
  ];
  for (const args of acts) {
    found.push(...checkEnd(await start(trial, campaign, args).ended, [DONE, REFUSED]), ...judge(trial, chosen));
  }
  return found;
}

/** An output that is no data at all is none; what is recorded is there as it is recorded. */
function judge(trial: TrialFolder, { kind, place }: Case): Violation[] {
  const { state } = trial;
  return (
    readRegistry(trial, (registry) => {
      const session = registry.findSession("latest");
      const mayBeData = place.includes("folder") || kind === "a link that leads out";
      const isWrong = session?.status === "success" && !mayBeData;
      const taken = isWrong ? [violate("hashes-match", `${kind} counts as data`)] : [];
      return [...taken, ...checkRegistry(registry), ...judgeData({ state, registry })];
    }) ?? [violate("no-run-lost", "there is no registry")]
  );
}

function start(trial: TrialFolder, { packageFolder }: Campaign, args: string[]): Orchestrator {
  return new Orchestrator(trial, { packageFolder, args, ...preloadLog(trial) });
}
