/** A process of a project that waits for the next session. */
export interface WaitingProcess {
  pid: number;
  project_path: string;
  /** ISO. */
  until: string;
}

/** A process that waits for a session which can't find it. */
export interface LostProcess {
  pid: number;
  /** Path of its record, which is damaged or gone. */
  record: string;
}

/** A project whose runs are no longer forked from a warm process, because something leaked from one run to the next. */
export interface ColdProject {
  project_path: string;
  /** Names of what leaked. */
  leaks: string[];
  /** Time at which that was found, ISO. */
  since: string;
}

/** State that processes of projects leave from one session to the next, in one state folder. */
export interface WorkerUpkeep {
  listWaiting(): WaitingProcess[];
  /** Ends all processes that wait for a session, lost ones too. Returns how many there were. */
  endWaiting(): Promise<number>;
  /** Finds processes that no session finds, and paths in the place of other records that are none. */
  findLost(): { workers: LostProcess[]; damaged: string[] };
  /** Ends these processes, and removes what is left of records. Returns how many there were. */
  endLost(): Promise<number>;
  /** Lists the projects that are kept cold; none if the list can't be read. */
  listCold(): ColdProject[];
  /** Keeps a project cold from now on. */
  keepCold(project: ColdProject): void;
  /** Lets all projects run warm again. */
  forgetCold(): void;
}
