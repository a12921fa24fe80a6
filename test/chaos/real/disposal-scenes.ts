import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RegistryReader } from "../../../src/core/port/registry.ts";
import type { RunRecord } from "../../../src/core/run.ts";
import { findOwnPlaces } from "../../../src/versions/own-places.ts";
import { listTrash } from "../../../src/versions/trash/trash.ts";
import { listAttempts } from "../registry-invariants.ts";
import { type Violation, violate } from "../violation.ts";

/** What is there to judge a scene by. */
export interface Stage {
  folder: string;
  state: string;
  registry: RegistryReader;
}

/** Something that is done with data, and may be cut off at any point. */
export interface Scene {
  name: string;
  /** How the workflow is run before; the last time is what is cut off if `act` is null. */
  plays: number;
  /** Commands that come before the one that is cut off. */
  before: readonly (readonly string[])[];
  /** What is cut off, and then simply called again. */
  act: readonly string[];
  /** Instead, after it was cut off. */
  again?: readonly string[];
  /** What both may end with. */
  exitCodes: readonly number[];
  /** Fails each time that it is run. */
  fails?: "trash" | "delete";
  /** After it was called again. */
  judge(stage: Stage): Violation[];
}

const GC = ["gc", "--keep-last", "1", "--yes"] as const;

export const SCENES: readonly Scene[] = [
  {
    name: "gc",
    plays: 2,
    before: [],
    act: GC,
    exitCodes: [0],
    judge: (stage) => judgeData(stage, { old: "trashed" }),
  },
  {
    name: "trash restore",
    plays: 2,
    before: [GC],
    act: ["trash", "restore", "make"],
    // What was restored to its end can't be restored again.
    exitCodes: [0, 2],
    judge: (stage) => judgeData(stage, { old: "there", isOfMake: true }),
  },
  {
    name: "trash empty",
    plays: 2,
    before: [GC],
    act: ["trash", "empty", "--yes"],
    exitCodes: [0],
    judge: (stage) => [...judgeData(stage, { old: "deleted" }), ...judgeEmpty(stage)],
  },
  {
    name: "rollback",
    plays: 1,
    before: [],
    act: ["rollback", "latest"],
    exitCodes: [0],
    judge: judgeRollback,
  },
  ...(["trash", "delete"] as const).map(
    (fails): Scene => ({
      name: `cleanup_on_error: ${fails}`,
      plays: 0,
      before: [],
      act: ["run", "workflow.json", "--json"],
      again: ["resume", "--json"],
      exitCodes: [0, 1],
      fails,
      judge: (stage) => judgeCleanUp(stage, fails),
    }),
  ),
];

type Fate = "trashed" | "there" | "deleted";

/** The attempts of the older session are where they should be, whole; those of the newest are where they were. */
function judgeData(stage: Stage, { old, isOfMake = false }: { old: Fate; isOfMake?: boolean }): Violation[] {
  const [newest, ...older] = stage.registry.listSessions().map(({ session_id }) => session_id);
  return listAttempts(stage.registry).flatMap((attempt) => {
    const isOld = older.includes(attempt.session_id) && attempt.session_id !== newest;
    const fate = !isOld ? "there" : isOfMake && attempt.run !== "make" ? "trashed" : old;
    return judgeAttempt(stage, attempt, fate);
  });
}

function judgeAttempt({ state }: Stage, attempt: RunRecord, fate: Fate): Violation[] {
  const { run, run_id, outputs, discarded } = attempt;
  const what = `${run} (${run_id})`;
  const said = discarded?.state ?? "there";
  const recorded =
    said === fate ? [] : [violate("registry-equals-disk", `${what} is on record as ${said}, not ${fate}`)];
  const found = Object.values(outputs).flatMap(({ location }) => {
    const kept = existsSync(location) ? "there" : isInTrash(state, attempt, location) ? "trashed" : "deleted";
    return kept === fate ? [] : [violate("registry-equals-disk", `the data of ${what} are ${kept}, not ${fate}`)];
  });
  const spoilt = Object.values(outputs).flatMap(({ location }) => {
    const isWhole = !existsSync(location) || readFileSync(location, "utf8").startsWith("made ");
    return isWhole ? [] : [violate("hashes-match", `the data of ${what} are not what they were`)];
  });
  return [...recorded, ...found, ...spoilt];
}

/** Whole: the trash holds a folder of the attempt's own, with the file in it. */
function isInTrash(state: string, { run_id }: RunRecord, location: string): boolean {
  const [, inside = ""] = location.split(`/${run_id}/`);
  return listTrash(join(state, "trash")).entries.some(({ folder, manifest }) =>
    manifest.items.some(
      ({ name, original }) =>
        location.startsWith(`${original}/`) &&
        existsSync(join(folder, "items", name, inside)) &&
        readFileSync(join(folder, "items", name, inside), "utf8").startsWith("made "),
    ),
  );
}

function judgeEmpty({ state }: Stage): Violation[] {
  const left = readdirSync(join(state, "trash"));
  return left.length === 0 ? [] : [violate("registry-equals-disk", `the trash holds ${left.join(", ")}`)];
}

/** The plain path is as it was before it was published to, each command ran once and in reverse, and the record says so. */
function judgeRollback({ folder, registry }: Stage): Violation[] {
  const plain = readFileSync(join(folder, "plain"), "utf8");
  const restored = plain === "edited" ? [] : [violate("registry-equals-disk", `the plain path holds ${plain}`)];
  const ran = existsSync(join(folder, "undone")) ? readFileSync(join(folder, "undone"), "utf8") : "";
  const inOrder = ran === "edit\nmake\n" ? [] : [violate("one-start-per-attempt", `it ran ${JSON.stringify(ran)}`)];
  const status = registry.findSession("latest")?.rollback?.status;
  const recorded = status === "done" ? [] : [violate("session-ends", `the roll-back is ${status}`)];
  return [...restored, ...inOrder, ...recorded];
}

/** Nothing of a failed attempt is left in the store; in the trash is all of it or nothing. */
function judgeCleanUp(stage: Stage, fails: "trash" | "delete"): Violation[] {
  const { state, registry } = stage;
  const session = registry.findSession("latest");
  const ended = session?.status === "failed" ? [] : [violate("session-ends", `the session is ${session?.status}`)];
  const failed = listAttempts(registry).filter(({ status }) => status === "failed");
  return [
    ...ended,
    ...failed.flatMap((attempt) => {
      const { run_id: runId, discarded } = attempt;
      if (runId === null) return [];
      const left = findOwnPlaces({
        store: join(state, "data"),
        runId,
        locations: [],
        scope: { within: null, except: [] },
      });
      const inStore = left.map((path) => violate("registry-equals-disk", `${path} was not cleaned up`));
      const wanted = fails === "trash" ? "trashed" : "deleted";
      const isTold = discarded === null || discarded.state === wanted;
      const told = isTold ? [] : [violate("registry-equals-disk", `${runId} is on record as ${discarded.state}`)];
      return [...inStore, ...told];
    }),
    ...(fails === "delete" ? judgeEmpty({ ...stage, state }) : []),
  ];
}
