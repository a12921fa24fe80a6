import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunId, SessionId } from "../../../src/core/run-id.ts";
import type { Campaign } from "../trial.ts";
import { endProcesses } from "./end-processes.ts";
import { type Ended, Orchestrator, type OrchestratorOptions } from "./orchestrator.ts";
import { readRegistry } from "./read-registry.ts";
import { type Stage, StagePool } from "./stage-pool.ts";
import { TrialFolder } from "./trial-folder.ts";

/** Sessions of the stage, the oldest first. */
export interface ActFacts {
  /** In the trash by now, collected. */
  collected: SessionId;
  /** Older than the last of its workflow: the next collection takes it. */
  old: SessionId;
  /** Cut off in its last run: it publishes when it is resumed. */
  cutOff: SessionId;
  /** Has published last. */
  newest: SessionId;
  /** The attempt that captured the file of the collected session. */
  collectedRun: RunId;
}

/** Files of the captured and published folder, and in the order in which they are published or not: as many as a mixture needs to show. */
export const PARTS = ["a", "b", "c", "d", "e"];

const NAME_SESSION = '"$RUNWEAVE_SESSION_ID"';
const undo = (name: string) => ["sh", "-c", `echo ${name} >>undone`];

/**
 * All that it saves names its session, so that everybody sees whose it is. `edit` captures the same paths again, so that what is published
 * replaces something.
 */
const FLOW = {
  publish: ["one", "many"],
  max_parallel: 2,
  runs: {
    one: {
      command: ["sh", "-c", `echo one ${NAME_SESSION} >plain/one`],
      outputs: { one: "plain/one" },
      on_rollback: undo("one"),
    },
    many: {
      command: ["sh", "-c", `for part in ${PARTS.join(" ")}; do echo $part ${NAME_SESSION} >plain/many/$part; done`],
      outputs: { many: "plain/many" },
      on_rollback: undo("many"),
    },
    edit: {
      command: [
        "sh",
        "-c",
        `for file in plain/one plain/many/*; do { echo edited; cat $file; } >new && cat new >$file; done; rm new`,
      ],
      needs: ["one", "many"],
      outputs: { edited_one: "plain/one", edited_many: "plain/many" },
    },
    both: {
      command: [
        "sh",
        "-c",
        '[ ! -e hold ] || sleep 60; cat "$1" "$2"/* >"$3"',
        "both",
        ...["${inputs.one.path}", "${inputs.many.path}", "${outputs.both.path}"],
      ],
      consumes: { one: "one", many: "many" },
      outputs: ["both"],
    },
  },
};

/** Two that only differ in what `base` prints, so that the first one's is old once the second has run, and is reused when the first runs again. */
const cached = (variant: number) => ({
  name: "cached",
  runs: {
    base: {
      command: [
        "sh",
        "-c",
        `for line in 1 2 3 4; do echo ${variant} $line; done >"$1"`,
        "base",
        "${outputs.base.path}",
      ],
      outputs: ["base"],
      cache: "on",
    },
    use: {
      command: ["sh", "-c", 'cat "$1" >"$2"', "use", "${inputs.base.path}", "${outputs.use.path}"],
      consumes: { base: "base" },
      outputs: ["use"],
    },
  },
});

const SICK = {
  runs: {
    sick: {
      command: ["sh", "-c", `echo sick ${NAME_SESSION} >"$1"`, "sick", "${outputs.sick.path}"],
      outputs: ["sick"],
    },
    worse: {
      command: ["sh", "-c", 'cat "$1" >"$2"', "worse", "${inputs.sick.path}", "${outputs.worse.path}"],
      consumes: { sick: "sick" },
      outputs: ["worse"],
    },
  },
};

const failing = (cleanup: "trash" | "delete") => ({
  cleanup_on_error: cleanup,
  runs: {
    wrong: {
      command: ["sh", "-c", 'echo wrong >"$1"; exit 3', "wrong", "${outputs.it.path}"],
      outputs: ["it"],
      retries: 1,
    },
  },
});

const FILES: Readonly<Record<string, object>> = {
  "workflow.json": FLOW,
  "sick.json": SICK,
  "failing-trash.json": failing("trash"),
  "failing-delete.json": failing("delete"),
};

/** A project in which every command that changes data has something to do. */
export const actStages = new StagePool<ActFacts>(prepare);

async function prepare(campaign: Campaign): Promise<Stage<ActFacts>> {
  const trial = new TrialFolder(campaign.folder, { steps: [], expected: {} });
  const { folder } = trial;
  mkdirSync(join(folder, "plain/many"), { recursive: true });
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), JSON.stringify(content));
  const play = async (...args: string[]) => await succeed(trial, campaign, args);
  await play("run", "workflow.json");
  const collected = newestSession(trial);
  await play("run", "workflow.json");
  const old = newestSession(trial);
  await play("gc", "--keep-last", "1", "--yes");
  const cutOff = await cutOffSession(trial, campaign);
  await play("run", "workflow.json");
  const newest = newestSession(trial);
  // A workflow is told from others by its file: it is the same one that is changed, and changed back.
  const variant = (number: number) => writeFileSync(join(folder, "cached.json"), JSON.stringify(cached(number)));
  for (const number of [1, 2]) {
    variant(number);
    await play("run", "cached.json");
  }
  variant(1);
  await play("run", "sick.json");
  await play("taint", "sick@sick", "--reason", "it is sick");
  return { trial, facts: { collected, old, cutOff, newest, collectedRun: findRun(trial, collected, "one") } };
}

/** Starts a command in the stage. */
export function startCommand(
  trial: TrialFolder,
  { packageFolder }: Campaign,
  { args, ...extra }: Omit<OrchestratorOptions, "packageFolder">,
): Orchestrator {
  return new Orchestrator(trial, { packageFolder, args, ...extra });
}

async function succeed(trial: TrialFolder, campaign: Campaign, args: string[]): Promise<Ended> {
  const ended = await startCommand(trial, campaign, { args }).ended;
  if (ended.exitCode === 0) return ended;
  throw new Error(`the stage can't be prepared: ${args.join(" ")} ended with ${ended.exitCode}: ${ended.stderr}`);
}

async function cutOffSession(trial: TrialFolder, campaign: Campaign): Promise<SessionId> {
  const hold = join(trial.folder, "hold");
  writeFileSync(hold, "");
  const session = startCommand(trial, campaign, { args: ["run", "workflow.json", "--json"] });
  // All but the last run has ended, so that every stage is cut off alike.
  for (const [type, run] of [
    ["run.started", "both"],
    ["run.succeeded", "edit"],
  ]) {
    await session.printsLine((line) => line.includes(`"${type}"`) && line.includes(`"run":"${run}"`));
  }
  session.signal("SIGKILL");
  await session.ended;
  endProcesses(trial.marked.list());
  await trial.marked.remaining(5_000);
  rmSync(hold);
  return newestSession(trial);
}

function newestSession(trial: TrialFolder): SessionId {
  const session = readRegistry(trial, (registry) => registry.findSession("latest"));
  if (!session) throw new Error("the stage has no session");
  return session.session_id;
}

function findRun(trial: TrialFolder, sessionId: SessionId, run: string): RunId {
  const session = readRegistry(trial, (registry) => registry.findSession(sessionId));
  const found = session?.runs.find((each) => each.run === run)?.run_id;
  if (!found) throw new Error(`the stage has no run ${run}`);
  return found;
}
