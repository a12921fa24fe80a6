import type { Invariant } from "../violation.ts";

/** A bug of ours that never was: one line of the source, changed when it is loaded. */
export interface PlantedBug {
  /** Below `src/`. */
  file: string;
  /** Has to be there exactly once. */
  line: string;
  instead: string;
  /** The kind of trials that has to find it, how many of them, and what they find violated. */
  kind: string;
  trials: number;
  invariant: Invariant;
}

export const PLANTED_BUGS: Readonly<Record<string, PlantedBug>> = {
  "a version counts though it is not there": {
    file: "execute/drive-attempt.ts",
    line: "live.rejection = result === null ? null : await this.#options.verify(result);",
    instead: "live.rejection = null;",
    kind: "simulated-faults",
    trials: 40,
    invariant: "registry-equals-disk",
  },
  "an attempt starts before it is on record": {
    file: "execute/execute-plan.ts",
    line: "      this.#store(events);\n      const startable",
    instead:
      "      for (const live of this.#startable.splice(0)) this.#driver.start(live);\n      this.#store(events);\n      const startable",
    kind: "simulated-crash",
    trials: 60,
    invariant: "one-start-per-attempt",
  },
  "a session goes on though it can't be recorded": {
    file: "execute/execute-plan.ts",
    line: "      this.#fault = { error };\n",
    instead: "      void error;\n",
    kind: "registry-call-fails",
    trials: 20,
    invariant: "session-ends",
  },
  "a run that has ended keeps its place": {
    file: "execute/admission.ts",
    line: "    this.#running.delete(run);\n",
    instead: "",
    kind: "simulated-faults",
    trials: 20,
    invariant: "session-ends",
  },
  "one run more than allowed starts": {
    file: "execute/admission.ts",
    line: "this.#running.size >= this.#maxParallel",
    instead: "this.#running.size > this.#maxParallel",
    kind: "simulated-faults",
    trials: 20,
    invariant: "no-more-than-allowed-at-once",
  },
  "a need that has ended still counts as open": {
    file: "execute/next-runs.ts",
    line: "waiting.unmet -= 1;",
    instead: 'waiting.unmet -= Number(ending.verdict === "done");',
    kind: "simulated-faults",
    trials: 40,
    invariant: "session-ends",
  },
  "a further attempt keeps its number": {
    file: "execute/live-run.ts",
    line: "live.attemptNumber += 1;",
    instead: "live.attemptNumber = 1;",
    kind: "simulated-faults",
    trials: 40,
    invariant: "nothing-but-a-known-error",
  },
  "what a run was given is not what upstream saved": {
    file: "resolve/resolve-run.ts",
    line: '    version: input.version.version,\n    rule: "consumed",',
    instead: '    version: `${input.version.version}0`,\n    rule: "consumed",',
    kind: "simulated-faults",
    trials: 40,
    invariant: "only-succeeded-is-consumed",
  },
  "the log leaves out why a run did not run": {
    file: "record/create-registry.ts",
    line: "    store.appendToLog(event);\n",
    instead: '    if (event.type !== "run.skipped") store.appendToLog(event);\n',
    kind: "simulated-faults",
    trials: 40,
    invariant: "log-explains-tables",
  },
  "a late event changes a run that has ended": {
    file: "record/project-run.ts",
    line: '  const set = { status: "running", start_time: event.time, pid: event.pid, log: event.log } as const;',
    instead: '  const set = { status: "success", start_time: event.time, pid: event.pid, log: event.log } as const;',
    kind: "simulated-faults",
    trials: 20,
    invariant: "nothing-but-a-known-error",
  },
  "half a line of an attempt's events is lost": {
    file: "runners/kedro/tail-events.ts",
    line: "    this.#rest = Buffer.concat([this.#rest, rest]);\n",
    instead: "    this.#rest = Buffer.from(rest);\n",
    kind: "events-cut",
    trials: 700,
    invariant: "log-lines-complete",
  },
  "a pid is enough to know a process": {
    file: "processes/identity.ts",
    line: "stat !== null && stat.startTime === identity.start_time && isRunning(stat)",
    instead: "stat !== null && isRunning(stat)",
    kind: "reused-pid",
    trials: 10,
    invariant: "no-process-left",
  },
  "a command's group is left alone": {
    file: "runners/command/command-process.ts",
    line: "await endGroup(leader, GRACE_MS);",
    instead: "0;",
    kind: "stubborn-children",
    trials: 5,
    invariant: "no-process-left",
  },
  "a session of its own escapes": {
    file: "runners/command/command-process.ts",
    line: "(await endStrays({ ancestor: leader, variable: [RUN_ID_VARIABLE, runId] }, GRACE_MS))",
    instead: "0",
    kind: "stubborn-children",
    trials: 5,
    invariant: "no-process-left",
  },
  "what an adopted command started elsewhere escapes": {
    file: "runners/adopted-end.ts",
    line: "    await endStrays({ ancestor: owner, variable }, GROUP_GRACE_MS);\n",
    instead: "",
    kind: "stubborn-children",
    trials: 10,
    invariant: "no-process-left",
  },
  "the hash is of the path": {
    file: "runners/command/command-outputs.ts",
    line: "  const content = await hashPath({ path: kept, durable: !captured });",
    instead: "  const content = { ...(await hashPath({ path: kept, durable: !captured })), hash: `sha256:${kept}` };",
    kind: "killed-child",
    trials: 1,
    invariant: "hashes-match",
  },
  "a new registry is shown before it is whole": {
    file: "record/open-database.ts",
    line: '      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");\n',
    instead: "",
    kind: "disk-full",
    trials: 40,
    invariant: "nothing-but-a-known-error",
  },
  "the cursor stays hidden": {
    file: "report/window.ts",
    line: '(this.#isOpen ? SHOW_CURSOR : "")',
    instead: '""',
    kind: "terminal-signals",
    trials: 3,
    invariant: "terminal-restored",
  },
  "nobody listens to a terminal that goes away": {
    file: "cli/watch-signals.ts",
    line: '["SIGINT", "SIGTERM", "SIGHUP"]',
    instead: '["SIGINT", "SIGTERM"]',
    kind: "terminal-signals",
    trials: 5,
    invariant: "nothing-but-a-known-error",
  },
};
