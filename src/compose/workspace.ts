import { availableParallelism } from "node:os";
import type { Problem } from "../core/error/problem.ts";
import { PhaseClock } from "../core/phase-clock.ts";
import { type Clock, systemClock } from "../core/port/clock.ts";
import type { KeepOptions, ProjectAgent } from "../core/port/project-agent.ts";
import type { Registry } from "../core/port/registry.ts";
import type { RunnerTable } from "../core/port/runner.ts";
import { createIdSource, type IdSource } from "../core/run-id.ts";
import type { Plan } from "../plan/plan.ts";
import { openSqliteRegistry } from "../record/sqlite/registry.ts";
import { openRunners } from "../runners/index.ts";
import { sweepTemporaries } from "../versions/write-file.ts";
import { openLogMarks } from "./consent/log-marks.ts";
import { notingSessions } from "./home/newest-session.ts";
import { keepReserve } from "./home/space-reserve.ts";
import { listStateWarnings } from "./home/state-warnings.ts";
import { refuseForeign } from "./home/trust-state.ts";
import { answersFolder, locateState, makeStateFolders, type StateLocation } from "./locate-state.ts";
import type { ProbeProject } from "./prepare/probe-runs.ts";
import { type RegistrySource, sourceOf } from "./registry-source.ts";

export interface WorkspaceOptions {
  /** As `--registry` says it. */
  registry?: string | undefined;
  /** Where the search for a registry begins. Absolute. */
  from: string;
  /** As the workflow's `store` says it; null for the registry's own. */
  store?: string | null;
  environment?: Readonly<Record<string, string | undefined>>;
  /** True to ask projects again although their answers are known. */
  asksAnew?: boolean | undefined;
  /** Options for processes of projects that wait for the next session. Default: they end with this one. */
  keep?: KeepOptions | undefined;
  /** Told where the time goes; default: one of its own. */
  phases?: PhaseClock | undefined;
}

/** Everything that executing needs, opened together and closed together. */
export interface Workspace {
  folders: StateLocation;
  registry: Registry;
  /** The same registry, for what planning asks of it. */
  earlier: RegistrySource;
  runners: RunnerTable;
  projects: ProjectAgent;
  probe: ProbeProject;
  clock: Clock;
  ids: IdSource;
  phases: PhaseClock;
  /** Problems of the state folder that the user has to know before anything runs in it. */
  warnings: Problem[];
  /** Ends every process of the workspace. */
  close(): Promise<void>;
}

/** Finds or makes the state folder. Throws RegistryError, also for a state folder or store that is not trusted. */
export function openState({ registry, from, store, environment = process.env }: WorkspaceOptions): StateLocation {
  const state = locateState({ registry, environment, from });
  const folders: StateLocation = { ...state, store: store ?? state.store };
  // The state's own store was looked at with the rest.
  if (folders.store !== state.store) refuseForeign(folders, { environment });
  makeStateFolders(state);
  return folders;
}

/** Opens the registry and the runners. Throws RegistryError as `openState` does. */
export function openWorkspace(options: WorkspaceOptions, folders = openState(options)): Workspace {
  const { environment = process.env, asksAnew = false, keep, phases = new PhaseClock() } = options;
  // A process that was killed before its rename has left them.
  sweepTemporaries(folders.root);
  keepReserve(folders.root);
  const record = notingSessions(
    openSqliteRegistry(folders.registry, { markLog: openLogMarks(folders, environment) }),
    folders,
  );
  const answers = { folder: answersFolder(folders.root), asksAnew };
  const opened = openRunners({ folders, environment, holds: record.holds, answers, keep, phases });
  const { runners, projects } = opened;
  const close = async () => {
    phases.enter("close");
    try {
      await opened.close();
    } finally {
      record.close();
    }
  };
  const probe: ProbeProject = (task, request) => phases.during("ask", projects.probe(task, request));
  return {
    folders,
    registry: record,
    earlier: sourceOf(record, folders.registry),
    runners,
    projects,
    probe,
    clock: systemClock,
    ids: createIdSource(systemClock),
    phases,
    warnings: listStateWarnings(record, folders),
    close,
  };
}

/** Runs at once: as asked, else as the workflow says, else one per CPU that this process may use. */
export function chooseParallelism({ maxParallel }: Pick<Plan, "maxParallel">, asked?: number | null): number {
  return asked ?? maxParallel ?? availableParallelism();
}
