import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { isOtherThing, listFolders, type StateLocation } from "../locate-state.ts";
import { type Finding, findingFail } from "./finding.ts";

const { R_OK, W_OK, X_OK } = constants;
const WHAT = "folders";

/** Finds folders of the state folder that are something else, or closed to this user. What is wrong with the state folder itself is told elsewhere. */
export function checkFolders(state: StateLocation): Finding[] {
  return listFolders(state).flatMap((path) => {
    if (!isOpen(dirname(path))) return [];
    if (isOtherThing(path)) return [findingFail(WHAT, `${path} is no folder`, MOVE)];
    const isClosed = existsSync(path) && !isOpen(path);
    return isClosed ? [findingFail(WHAT, `${path} can't be read and written by this user`, OPEN)] : [];
  });
}

const MOVE = "move it away: the next run makes the folder; if there was one, put it back";
const OPEN = "`chmod u+rwx` opens it to its owner; if it belongs to somebody else, `chown` it";

function isOpen(path: string): boolean {
  try {
    accessSync(path, R_OK | W_OK | X_OK);
    return true;
  } catch {
    return false;
  }
}
