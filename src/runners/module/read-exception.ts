import { join } from "node:path";
import type { ExceptionRecord } from "../../core/run.ts";
import { stripControls } from "../../processes/log-file.ts";
import { isException } from "../attempt-manifest.ts";
import type { FoundException } from "../process/process-kind.ts";
import { readSmallJson } from "../read-small-json.ts";

const MAX_BYTES = 1 << 20;
const MAX_CAUSES = 10;

/** File in which a module's host says why it failed. */
export function exceptionPath(attemptFolder: string): string {
  return join(attemptFolder, "exception.json");
}

/** Reads why a module failed, as its host wrote it; the module itself may have written there too. Never throws. */
export function readException(attemptFolder: string): FoundException {
  try {
    const value = readSmallJson(exceptionPath(attemptFolder), MAX_BYTES);
    if (!isException(value)) return { exception: null, fault: "it has not the shape of an exception" };
    return { exception: clean(value, MAX_CAUSES), fault: null };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { exception: null, fault: code === "ENOENT" ? null : message };
  }
}

/** The known fields of an exception and no more, without control bytes. */
function clean({ type, classes, message, traceback, cause }: ExceptionRecord, depth: number): ExceptionRecord {
  return {
    type: stripControls(type),
    ...(classes === undefined ? {} : { classes: classes.map(stripControls) }),
    message: stripControls(message),
    node: null,
    traceback: traceback === null ? null : stripControls(traceback),
    cause: cause === null || depth === 0 ? null : clean(cause, depth - 1),
  };
}
