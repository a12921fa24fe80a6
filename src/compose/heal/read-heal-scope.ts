import { RefusalError } from "../../core/error/refusal-error.ts";
import type { RegistryReader } from "../../core/port/registry.ts";
import type { RunRecord } from "../../core/run.ts";
import { listFew } from "../../core/text/list-few.ts";
import { baseKey } from "../../explain/equal-versions.ts";
import { type Fallback, listFallbacks } from "../../explain/find/find-named.ts";
import { findSavedVersion, type SavedVersion } from "../../explain/find/find-saved-version.ts";
import { findWholeSession } from "../../explain/find/find-session.ts";
import { findTarget } from "../../explain/find/read-target.ts";
import { type HealScope, listAffectedRuns } from "../../explain/heal/affected-runs.ts";
import { type HealingVerdict, judgeAgain, withVerdicts } from "../../explain/heal/judge-healing.ts";
import { type BadVersion, indexTaints } from "../../explain/taint.ts";
import { freezeRunId } from "../freeze/freeze-run-id.ts";
import { type RegistrySource, sourceOf } from "../registry-source.ts";

const USAGE = "runweave heal DATASET@RUN";
const WITH = "--with DATASET@RUN=RUN_ID";

const WHOLE = { name: "heal", why: "heal takes sessions, or versions as DATASET@RUN" };

/** Reads the arguments of `heal`: versions as DATASET@RUN or by an alias, else sessions. */
export function readHealScope(
  reader: RegistryReader,
  what: readonly string[],
  session: string | undefined,
): { scope: HealScope; fallbacks: Fallback[] } {
  const isVersion = (text: string) => findTarget(reader, text) !== null;
  const named = what.filter(isVersion);
  const saved = named.map((text) => findSavedVersion(reader, text, { session, usage: USAGE }));
  const versions = saved.map(nameVersion);
  for (const version of versions) if (indexTaints(reader).ofVersion(version) === null) refuseGood(version);
  const sessions = what
    .filter((text) => !isVersion(text))
    .map((id) => findWholeSession(reader, id, { ...WHOLE, orElse: nameVersions }).session_id);
  return { scope: { versions, sessions }, fallbacks: listFallbacks(...saved.map(({ fallback }) => fallback)) };
}

function nameVersions({ run, run_id, outputs }: RunRecord): string | null {
  const names = Object.keys(outputs).map((dataset) => `${dataset}@${run_id ?? run}`);
  return names.length === 0 ? null : `a version of it: ${listFew(names)}`;
}

interface GivenOptions {
  /** Session in which names are looked for. */
  session: string | undefined;
  time: string;
  /** Path of the registry. */
  path: string;
}

/** Reads `--with DATASET@RUN=RUN_ID`, each on top of those before it. */
export async function readGiven(
  registry: RegistryReader,
  texts: readonly string[],
  { session, time, path }: GivenOptions,
): Promise<Given> {
  const given: HealingVerdict[] = [];
  const fallbacks: Fallback[] = [];
  for (const text of texts) {
    const one = await readOne(withVerdicts(registry, given), text, { session, time, path });
    given.push(...one.given);
    fallbacks.push(...one.fallbacks);
  }
  return { given, fallbacks };
}

/** The verdicts on bad versions for which the user has named a replacement. */
interface Given {
  given: HealingVerdict[];
  fallbacks: Fallback[];
}

async function readOne(reader: RegistryReader, text: string, { session, time, path }: GivenOptions): Promise<Given> {
  const split = text.lastIndexOf("=");
  if (split < 1 || split === text.length - 1)
    throw new RefusalError("invalid-target", `--with takes DATASET@RUN=RUN_ID, not "${text}"`, WITH);
  const found = findSavedVersion(reader, text.slice(0, split), { session, usage: WITH });
  const before = nameVersion(found);
  const affectedRun = listAffectedRuns(reader).get(before.run_id);
  const dataset = affectedRun?.bad.find((name) => baseKey({ ...before, dataset: name }) === baseKey(before));
  if (affectedRun === undefined || dataset === undefined) refuseHealed(before, indexTaints(reader).ofVersion(before));
  const after = findSavedVersion(reader, `${before.dataset}@${text.slice(split + 1)}`, { session, usage: WITH });
  await checkThere(sourceOf(reader, path), nameVersion(after));
  const verdicts = judgeAgain(affectedRun, after.head.run_id, {
    registry: reader,
    taints: indexTaints(reader),
    time,
    datasets: [dataset],
  });
  if (verdicts.length > 0) return { given: verdicts, fallbacks: listFallbacks(found.fallback, after.fallback) };
  const message = `${after.head.run_id} saved ${dataset} with exactly the tainted content`;
  throw new RefusalError("same-content", message, "name a run that saved other content");
}

/** Checks a version as a run that consumes it by run_id would find it. */
async function checkThere(source: RegistrySource, { dataset, run_id }: ReturnType<typeof nameVersion>): Promise<void> {
  const wanted = { kind: "run_id", run_id, dataset, as: "upstream" } as const;
  const freezing = await freezeRunId(wanted, source);
  if (!freezing.ok) throw new RefusalError(freezing.fault.code, freezing.fault.message, freezing.fault.hint);
}

function nameVersion({ dataset, head }: SavedVersion) {
  return { dataset, run_id: head.run_id };
}

function refuseGood({ dataset, run_id }: ReturnType<typeof nameVersion>): never {
  throw new RefusalError("not-tainted", `${dataset} of ${run_id} is not bad`, "`runweave taint` lists what is");
}

function refuseHealed(version: ReturnType<typeof nameVersion>, bad: BadVersion | null): never {
  if (bad === null) refuseGood(version);
  const { dataset, run_id, replaced_by, superseded_by } = bad;
  const isGood = replaced_by !== null;
  const message = `${dataset} of ${run_id} is replaced by ${replaced_by ?? superseded_by} already`;
  const hint = isGood ? "taint that if it is bad too" : `which is bad too: --with ${dataset}@${superseded_by}=RUN_ID`;
  throw new RefusalError("already-replaced", message, hint);
}
