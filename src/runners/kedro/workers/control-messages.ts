import type { Complaint } from "../../../core/error/environment-error.ts";
import { isMapping } from "../../../core/json.ts";
import type { Place } from "../../../core/place.ts";
import type { FactProblem, NodeFacts, OtherPlace, RemoteContent, WorkFacts } from "../../../core/project-facts.ts";
import { isEntry } from "../../attempt-manifest.ts";
import {
  type Guard,
  hasShape,
  isFlag,
  isListOf,
  isNumber,
  isOneOf,
  isOptional,
  isRecordOf,
  isText,
  orNull,
} from "../../shape.ts";
import type { ToldAnswer, ToldDataset, ToldSlice } from "../look-at-data.ts";

export interface ReadyMessage {
  event: "ready";
  pid: number;
  python: string;
  kedro: string;
  pipelines: string[];
  fork_safe: boolean;
  /** True if its hooks want to be told of the end of sessions. */
  awaits_end: boolean;
  platform?: string;
  /** Installed, name to version. */
  packages?: Record<string, string>;
  /** The files of modules that it has loaded, but for those of installed packages. */
  sources?: string[];
}

export interface FailedMessage {
  event: "failed";
  error: Complaint;
}

export interface ExitMessage {
  event: "exit";
  run_id: string;
  exit_code: number | null;
  signal: string | null;
  /** Processes that outlived the run, and were ended. */
  left_behind: LeftBehind[];
}

export interface LeftBehind {
  pid: number;
  command: string;
}

/** The worker was safe to fork when it was ready, and is not any more. */
export interface ForkUnsafeMessage {
  event: "fork_unsafe";
}

/** The worker was told to end: it takes no more requests, and stays until its runs and siblings have ended. */
export interface EndingMessage {
  event: "ending";
}

/** Requests to a worker, besides runs and signs of life. */
export type WorkerOperation =
  | "probe"
  | "publish"
  | "compare"
  | "objects"
  | "stop"
  | "finish"
  | "sibling"
  | "keep"
  | "variables";

/** Messages that a worker sends unasked. */
export type WorkerEvent = ReadyMessage | FailedMessage | ExitMessage | ForkUnsafeMessage | EndingMessage;

/** The answer to a request: `ok` with what was asked for, or an error. */
export type Reply = { id: number; ok: true; [key: string]: unknown } | { id: number; ok: false; error: Complaint };

const isErrorMessage = hasShape<Complaint>({
  code: isText,
  message: isText,
  hint: orNull(isText),
  traceback: orNull(isText),
});

const isReadyShape = hasShape<Omit<ReadyMessage, "platform" | "packages" | "sources">>({
  event: isOneOf("ready"),
  pid: isNumber,
  python: isText,
  kedro: isText,
  pipelines: isListOf(isText),
  fork_safe: isFlag,
  awaits_end: isFlag,
});
const isReady: Guard<ReadyMessage> = (value): value is ReadyMessage =>
  isReadyShape(value) &&
  (!("platform" in value) || isText(value.platform)) &&
  (!("packages" in value) || isRecordOf(isText)(value.packages)) &&
  (!("sources" in value) || isListOf(isText)(value.sources));
const isFailed = hasShape<FailedMessage>({ event: isOneOf("failed"), error: isErrorMessage });
const isLeftBehind = hasShape<LeftBehind>({ pid: isNumber, command: isText });
const isExit = hasShape<ExitMessage>({
  event: isOneOf("exit"),
  run_id: isText,
  exit_code: orNull(isNumber),
  signal: orNull(isText),
  left_behind: isListOf(isLeftBehind),
});

const isForkUnsafe = hasShape<ForkUnsafeMessage>({ event: isOneOf("fork_unsafe") });
const isEnding = hasShape<EndingMessage>({ event: isOneOf("ending") });
const EVENTS: readonly Guard<WorkerEvent>[] = [isReady, isFailed, isExit, isForkUnsafe, isEnding];

/** Null if the message is none of a worker's events. */
export function parseWorkerEvent(message: unknown): WorkerEvent | null {
  return EVENTS.some((isEvent) => isEvent(message)) ? (message as WorkerEvent) : null;
}

/** Null if the message answers no request. */
export function parseReply(message: unknown): Reply | null {
  if (!isMapping(message) || !isNumber(message.id)) return null;
  if (message.ok === true) return { ...message, id: message.id, ok: true };
  return message.ok === false && isErrorMessage(message.error)
    ? { id: message.id, ok: false, error: message.error }
    : null;
}

const isProblem: Guard<FactProblem> = hasShape<FactProblem>({
  code: isText,
  message: isText,
  hint: orNull(isText),
  parameter: isOptional(isText),
});
const isNode = hasShape<NodeFacts>({
  name: isText,
  inputs: isListOf(isText),
  outputs: isListOf(isText),
  tags: isListOf(isText),
  namespace: orNull(isText),
});
const isPlace = hasShape<Place>({ path: isText, suffix: orNull(isText) });
const isOtherPlace = hasShape<OtherPlace>({ argument: isText, path: isText, is_there: isFlag });
const isRemoteContent = hasShape<RemoteContent>({ path: isText, bytes: orNull(isNumber), hash: isText });
const isDataset = hasShape<ToldDataset>({
  type: isText,
  in_catalog: isFlag,
  location: orNull(isText),
  places: isListOf(isPlace),
  others: isOptional(isListOf(isOtherPlace)),
  content: isOptional(isRemoteContent),
  versioned: isFlag,
  latest_version: isOptional(orNull(isText)),
  by_params: isFlag,
  is_missing: isOptional(isFlag),
  appends: isOptional(isFlag),
  alone: isOptional(isFlag),
  entry: isOptional(orNull(isEntry)),
});
const isTable = isRecordOf(isText);
const isWork = hasShape<WorkFacts>({
  environment: isTable,
  code: isTable,
  parameters: isTable,
  catalog: isTable,
  nodes: isTable,
  obstacles: isListOf(isText),
  shown: isOptional(isMapping),
  origins: isOptional(orNull(isRecordOf(isListOf(isText)))),
  modules: isOptional(isTable),
});
const isSlice = hasShape<Omit<ToldSlice, "environment">>({
  problems: isListOf(isProblem),
  nodes: isListOf(isNode),
  inputs: isListOf(isText),
  outputs: isListOf(isText),
  confirms: isOptional(isListOf(isText)),
  datasets: isRecordOf(isDataset),
  work: isOptional(isWork),
});

export const isToldAnswer = hasShape<ToldAnswer>({
  kedro: isText,
  python: isText,
  executable: isOptional(isText),
  pipelines: isListOf(isText),
  slices: isRecordOf(isSlice),
  packages: isOptional(isTable),
});
