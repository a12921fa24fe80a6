import { type Healing, proposeHealing } from "../../compose/heal/propose-healing.ts";
import { refuseMoved } from "../../compose/home/home-state.ts";
import { openProbe } from "../../compose/prepare/open-probe.ts";
import type { HealingProposal, HealingResult, SessionHealed, UnhealedRun } from "../../core/answer/healing.ts";
import { formatTime, systemClock } from "../../core/port/clock.ts";
import type { Registry, RegistryReader } from "../../core/port/registry.ts";
import type { StateFolders } from "../../core/port/runner.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Fallback } from "../../explain/find/find-named.ts";
import { type HealingVerdict, listOwed, withVerdicts } from "../../explain/heal/judge-healing.ts";
import { listWounds, type Wound } from "../../explain/heal/wounds.ts";
import { renderHealing, renderProposal } from "../../report/result/heal.ts";
import { askConsent } from "../ask-consent.ts";
import { showLine } from "../await-plan.ts";
import { type ExitCode, interruptedError } from "../errors.ts";
import { finishHealing } from "../finish-healing.ts";
import { healSession } from "../heal-session.ts";
import { type RegistryFlag, readRegistryAsync, writeRegistry } from "../open-registry.ts";
import { outliveReader } from "../outlives-reader.ts";
import { toProblemJson } from "../problem-json.ts";
import { readGiven, readHealScope } from "../read-heal-scope.ts";
import type { OutputFlags } from "../session-output.ts";
import { lookOf, writeLines } from "../terminal.ts";
import { orInterrupted, type Stops, watchSignals } from "../watch-signals.ts";
import { writeAnswer } from "../write-answer.ts";

export interface HealFlags extends OutputFlags, RegistryFlag {
  with?: string[];
  session?: string;
  dryRun?: boolean;
  yes?: boolean;
  moveAliases?: boolean;
  maxParallel?: number;
}

/** `runweave heal [DATASET@RUN | SESSION ...]`. */
export async function healVersions(what: readonly string[], flags: HealFlags): Promise<ExitCode> {
  const stops = watchSignals();
  try {
    const healing = await propose(what, flags, stops);
    const { proposal } = healing;
    const hasWork = proposal.sessions.length > 0 || healing.said.length > 0 || canMove(proposal, flags);
    const isDue = hasWork && flags.dryRun !== true && flags.yes === true;
    // What is consented to is done, though nobody reads the proposal to its end.
    if (isDue) outliveReader();
    if (!(flags.json && isDue)) show(healing, flags);
    if (!hasWork) return exitCodeOfProposal(proposal);
    if (!isDue && !(await isConsented(flags, stops)))
      return stops.interrupt.aborted ? 130 : exitCodeOfProposal(proposal);
    return await writeRegistry(flags, (registry, folders) => execute(healing, { registry, folders, flags, stops }));
  } finally {
    stops.close();
  }
}

interface Proposed extends Healing {
  /** What is recorded before anything is executed. */
  said: HealingVerdict[];
  fallbacks: Fallback[];
}

/** Leaves nothing behind. */
async function propose(what: readonly string[], flags: HealFlags, stops: Stops): Promise<Proposed> {
  return await readRegistryAsync(flags, async (reader, state) => {
    refuseMoved({ registry: reader, folders: state }, "heal");
    const time = formatTime(systemClock.now());
    const owed = listOwed(reader, time);
    const { scope, fallbacks } = readHealScope(reader, what, flags.session);
    const before = withVerdicts(reader, owed);
    const read = await readGiven(before, flags.with ?? [], { session: flags.session, time });
    const { given } = read;
    const registry = withVerdicts(before, given);
    const projects = openProbe();
    const dropLine = showLine("looking for bad data …", process.stderr);
    try {
      const source = { path: state.registry };
      const about = { registry, source, probe: projects.probe, folders: state, scope, owed, given };
      const proposing = proposeHealing({ ...about, environment: process.env, nowMs: Date.now() });
      const healing = await orInterrupted(proposing, stops.interrupt, interruptedError);
      return { ...healing, said: [...owed, ...given], fallbacks: [...fallbacks, ...read.fallbacks] };
    } finally {
      dropLine();
      await projects.close();
    }
  });
}

function canMove({ aliases }: HealingProposal, { moveAliases }: HealFlags): boolean {
  return moveAliases === true && aliases.some(({ replaced_by }) => replaced_by !== null);
}

function show({ proposal, fallbacks }: Proposed, { json }: HealFlags): void {
  if (json) {
    const sessions = proposal.sessions.map((each) => {
      return { ...each, unhealed: each.unhealed.map(toUnhealedJson), warnings: each.warnings.map(toProblemJson) };
    });
    const refused = proposal.refused.map((each) => ({ ...each, problems: each.problems.map(toProblemJson) }));
    writeAnswer("heal-plan", { ...proposal, sessions, refused, fallbacks });
    return;
  }
  const lines = renderProposal(proposal, lookOf(process.stdout));
  const { sessions, refused, given, owed } = proposal;
  const isNothing = sessions.length + refused.length + given.length + owed === 0;
  writeLines(process.stdout, isNothing ? ["nothing to heal", ...lines] : lines);
}

/** Whoever is not there can't be asked. */
async function isConsented({ dryRun, json }: HealFlags, stops: Stops): Promise<boolean> {
  if (dryRun || json) return false;
  if (process.stdin.isTTY === true && process.stdout.isTTY === true) {
    process.stdout.write("\n");
    if (await askConsent("Heal this?", stops.interrupt)) return true;
    writeLines(process.stdout, ["nothing was done"]);
  } else writeLines(process.stdout, ["", "nothing was done: `--yes` does it"]);
  return false;
}

function toUnhealedJson({ run, problems }: UnhealedRun) {
  return { run, problems: problems.map(toProblemJson) };
}

/** What is bad and stays so is a failure. */
function exitCodeOfProposal({ sessions, refused }: HealingProposal): ExitCode {
  return refused.length > 0 || sessions.some(({ unhealed }) => unhealed.length > 0) ? 1 : 0;
}

interface Execution {
  registry: Registry;
  folders: StateFolders;
  flags: HealFlags;
  stops: Stops;
}

async function execute(
  { proposal, wounds, said, fallbacks }: Proposed,
  { registry, folders, flags, stops }: Execution,
): Promise<ExitCode> {
  const spoken = registry.verdicts().length;
  if (said.length > 0) registry.append(said);
  const sessions: SessionHealed[] = proposal.refused.map(({ session_id, problems }) => {
    return { session_id, healed_by: null, status: "refused", unhealed: [], problems };
  });
  const told = listMessages(proposal);
  for (const { session_id } of proposal.sessions) {
    if (stops.interrupt.aborted) break;
    const left = listLeft(registry, wounds);
    // Equal hashes may have cut the work off before it came to a session.
    if (![...left.values()].some((wound) => wound.session_id === session_id))
      sessions.push({ session_id, healed_by: null, status: "good", unhealed: [], problems: [] });
    else sessions.push(await healSession(session_id, { registry, folders, wounds: left, flags, stops, told }));
  }
  const result = finishHealing({ registry, sessions, spoken, wounds, proposal, moves: flags.moveAliases ?? false });
  if (flags.json) writeAnswer("heal.finished", { ...result, sessions: result.sessions.map(toSessionJson), fallbacks });
  else writeLines(process.stdout, renderHealing(result, lookOf(process.stdout)));
  return exitCodeOf(result, stops);
}

/** Of what was to be healed at first, what still is. */
function listLeft(registry: RegistryReader, wounds: ReadonlyMap<RunId, Wound>): Map<RunId, Wound> {
  return new Map([...listWounds(registry)].filter(([run_id]) => wounds.has(run_id)));
}

/** What the proposal has told already of what can't be healed. */
function listMessages({ sessions, refused }: HealingProposal): ReadonlySet<string> {
  const all = [...refused, ...sessions.flatMap(({ unhealed }) => unhealed)].flatMap(({ problems }) => problems);
  return new Set(all.map(({ message }) => message));
}

function toSessionJson({ unhealed, problems, ...session }: SessionHealed) {
  return { ...session, unhealed: unhealed.map(toUnhealedJson), problems: problems.map(toProblemJson) };
}

function exitCodeOf({ sessions, left }: HealingResult, { interrupt }: Stops): ExitCode {
  if (interrupt.aborted) return 130;
  const isWhole = sessions.every(({ status }) => status === "healed" || status === "good");
  return isWhole && left.length === 0 ? 0 : 1;
}
