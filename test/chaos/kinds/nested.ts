import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { checkWorkload } from "../real/disk-invariants.ts";
import { endProcesses } from "../real/end-processes.ts";
import { Orchestrator } from "../real/orchestrator.ts";
import { checkEnd } from "../real/sessions.ts";
import { TrialFolder } from "../real/trial-folder.ts";
import type { Campaign, TrialKind } from "../trial.ts";
import type { Violation } from "../violation.ts";

const POLL_MS = 10;
/** A run is asked to end, and ended ten seconds later. */
const LIMIT_MS = 45_000;
/** The inner command: none of them ends by being asked to. */
const INNER: Readonly<Record<string, string>> = {
  "ignores signals": "trap '' INT TERM HUP; : >begun; while :; do sleep 1; done",
  "has a session of its own": "setsid sh -c \"trap '' INT TERM HUP; : >begun; while :; do sleep 1; done\"; sleep 60",
};
const WAYS = ["timeout", "cancel", "resume --kill"] as const;

export const nested: TrialKind = {
  name: "nested",
  what: "a run that is runweave itself, whose command ignores signals or is in a session of its own: timeout, cancel and `resume --kill` leave no process",
  hasProcesses: true,
  share: 1,
  full: 24,
  async run(seed, campaign) {
    const cases = WAYS.flatMap((way) => Object.keys(INNER).map((inner) => ({ way, inner })));
    const wanted = cases.filter(({ way, inner }) => campaign.isWanted(`${way}, ${inner}`));
    const chosen = wanted[(seed * 2 + Math.floor(seed / WAYS.length)) % Math.max(1, wanted.length)];
    if (chosen === undefined) return [];
    const found = await play(chosen, campaign);
    return found.map((each) => ({ ...each, detail: `${chosen.way}, ${chosen.inner}: ${each.detail}` }));
  },
};

async function play(
  { way, inner }: { way: (typeof WAYS)[number]; inner: string },
  campaign: Campaign,
): Promise<Violation[]> {
  const trial = new TrialFolder(campaign.folder, { steps: [], expected: {}, limitMs: LIMIT_MS });
  const { folder } = trial;
  const begun = join(folder, "begun");
  // From then on it does as it is told.
  const script = `[ ! -e cured ] || exit 0; ${INNER[inner]}`;
  writeFileSync(join(folder, "inner.json"), JSON.stringify({ runs: { inner: { command: ["sh", "-c", script] } } }));
  const bin = join(campaign.packageFolder, "bin/runweave.js");
  const outer = { command: [process.execPath, bin, "run", "inner.json", "--registry", join(folder, "inner")] };
  const timeout = way === "timeout" ? { timeout: "2s" } : {};
  writeFileSync(trial.file, JSON.stringify({ runs: { outer: { ...outer, ...timeout } } }));
  try {
    const orchestrator = start(trial, campaign, ["run", trial.file, "--json"]);
    const ended = orchestrator.ended.then(() => true);
    while (!existsSync(begun)) if (await Promise.race([ended, delay(POLL_MS, false)])) break;
    if (way === "cancel") orchestrator.signal("SIGINT");
    if (way === "resume --kill") orchestrator.signal("SIGKILL");
    const found = checkEnd(await orchestrator.ended, [null, 1, 130]);
    writeFileSync(join(folder, "cured"), "");
    const args = ["resume", "--kill", "--json"];
    if (way === "resume --kill") found.push(...checkEnd(await start(trial, campaign, args).ended, [0]));
    return [...found, ...(await checkWorkload(trial))];
  } finally {
    endProcesses(trial.marked.list());
    trial.remove();
  }
}

function start(trial: TrialFolder, { packageFolder }: Campaign, args: string[]): Orchestrator {
  return new Orchestrator(trial, { packageFolder, args });
}
