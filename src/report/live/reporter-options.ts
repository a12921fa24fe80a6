import type { Clock } from "../../core/port/clock.ts";
import type { RunRecord } from "../../core/run.ts";
import type { SessionId } from "../../core/run-id.ts";
import type { ShowIds } from "../text/short-ids.ts";
import type { OutputStream } from "./output-stream.ts";

export interface ReporterOptions {
  stdout: OutputStream;
  stderr: OutputStream;
  /** Default: off. */
  color?: boolean;
  /** Default: ids are whole. */
  ids?: ShowIds;
  /** Default: what the terminal says, else 80. */
  columns?: number;
  /** Default: what the terminal says, else 24. */
  rows?: number;
  /** Runs at once, for the estimate. Default: 1. */
  maxParallel?: number;
  /** A line for each node. Default: off. */
  verbose?: boolean;
  /** Reads the records of a session that has ended, for scripts. Default: they get no more than the last event tells. */
  readRuns?(session: SessionId): readonly RunRecord[];
  /** Default: the system's. */
  clock?: Clock;
}
