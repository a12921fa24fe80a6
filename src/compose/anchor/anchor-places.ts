import { appendFileSync, closeSync, constants, fstatSync, openSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { RefusalError } from "../../core/error/refusal-error.ts";
import { isAtOrBelow } from "../../core/place.ts";
import { readRecord } from "../../processes/read-record.ts";
import { resolveExisting } from "../../versions/layout.ts";
import { findCheckout } from "../capture/find-checkout.ts";
import { openGit, quietGit } from "../capture/quiet-git.ts";
import { ANCHOR_FILE } from "../capture/read-git-state.ts";
import type { StateLocation } from "../locate-state.ts";
import type { Envelope } from "./dsse.ts";
import { parseOrNull } from "./log-head.ts";

/** A place for anchors can't be read or written. */
export class AnchorError extends RefusalError<"anchor-unusable" | "nothing-to-anchor"> {}

/** Name of the place that is no file: a note at the newest commit of the checkout. */
const GIT_NOTE = "git-note";
const NOTES = ["notes", "--ref=runweave"];

/** The place that was named, or a file beside the state folder: it can be committed. */
export function placeOf(state: Pick<StateLocation, "root">, said: string | undefined): string {
  if (said === GIT_NOTE) return GIT_NOTE;
  return said === undefined ? join(dirname(state.root), ANCHOR_FILE) : resolve(said);
}

/** Adds an envelope to a place, as a line of a file or of a git note. Throws AnchorError. */
export async function addAnchor(place: string, envelope: Envelope, state: Pick<StateLocation, "root">): Promise<void> {
  const line = JSON.stringify(envelope);
  if (place !== GIT_NOTE && isAtOrBelow(resolveExisting(place), resolveExisting(state.root))) {
    const message = `${place} lies in the state folder: an anchor there goes with what it is to hold`;
    throw new AnchorError("anchor-unusable", message, "name a file elsewhere with --to");
  }
  await explaining(place, async () => {
    if (place === GIT_NOTE) await quietGit(checkoutOf(state), [...NOTES, "append", "-m", line, "HEAD"]);
    else appendPlainly(place, `${line}\n`);
  });
}

/** Appends to a regular file alone: a checkout may have a link or a pipe in its place. */
function appendPlainly(path: string, text: string): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644);
  try {
    if (!fstatSync(fd).isFile()) throw new Error("it is not a regular file");
    appendFileSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

/** All lines of a place, each as what it is in JSON, or null. Throws AnchorError. */
export async function readAnchors(place: string, state: Pick<StateLocation, "root">): Promise<unknown[]> {
  const text = await explaining(place, async () =>
    place === GIT_NOTE ? readNotes(checkoutOf(state)) : readRecord(place),
  );
  if (text === null) throw new AnchorError("anchor-unusable", `there is no ${place}`, "`runweave anchor` makes one");
  return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [parseOrNull(line)]));
}

async function readNotes(folder: string): Promise<string | null> {
  const git = await openGit(folder);
  const listed = (await git([...NOTES, "list"])).toString("utf8");
  const notes = listed.split("\n").flatMap((line) => line.split(" ")[0] || []);
  const texts: string[] = [];
  for (const note of notes) texts.push((await git(["cat-file", "blob", note])).toString("utf8"));
  return texts.length === 0 ? null : texts.join("\n");
}

function checkoutOf({ root }: Pick<StateLocation, "root">): string {
  const checkout = findCheckout(dirname(root));
  if (checkout !== null) return checkout;
  throw new AnchorError("anchor-unusable", `${root} is in no git checkout`, "name a file with --to");
}

async function explaining<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AnchorError) throw error;
    const { stderr, message } = error as { stderr?: Buffer | string; message: string };
    const why = String(stderr ?? "").trim() || message;
    throw new AnchorError("anchor-unusable", `${place}: ${why}`, null, { cause: error });
  }
}
