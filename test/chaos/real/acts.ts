import type { ActFacts } from "./act-stage.ts";

/** A command that changes data, with something to do on the stage. */
export interface Act {
  name: string;
  args(facts: ActFacts): readonly string[];
  /** What it may end with, whatever goes on beside it. */
  exitCodes: readonly number[];
  /** It moves to the trash whatever is old by then. */
  collects?: true;
}

const DONE = 0;
/** A run failed, or what was asked for was not done. */
const FAILED = 1;
/** There is nothing to do it to any more. */
const REFUSED = 2;
/** Another process has what it takes. */
const HELD = 3;

export const ACTS: readonly Act[] = [
  { name: "run", args: () => ["run", "workflow.json", "--json"], exitCodes: [DONE] },
  // Of two that resume one session at once, one is told who has it.
  { name: "resume", args: ({ cutOff }) => ["resume", cutOff, "--json"], exitCodes: [DONE, REFUSED, HELD] },
  { name: "gc", args: () => ["gc", "--keep-last", "1", "--yes"], exitCodes: [DONE], collects: true },
  { name: "trash empty", args: () => ["trash", "empty", "--yes"], exitCodes: [DONE] },
  // What was deleted meanwhile, or restored, can't be restored.
  {
    name: "trash restore",
    args: ({ collectedRun }) => ["trash", "restore", collectedRun],
    exitCodes: [DONE, REFUSED],
  },
  // Where another session has published over it, nothing is done.
  { name: "rollback", args: ({ newest }) => ["rollback", newest], exitCodes: [DONE, FAILED, REFUSED, HELD] },
  { name: "heal", args: () => ["heal", "--yes"], exitCodes: [DONE, FAILED] },
  {
    name: "taint",
    args: ({ newest }) => ["taint", "both@both", "--session", newest, "--reason", "it is bad"],
    exitCodes: [DONE],
  },
  // A name for what is in the trash by then is refused.
  {
    name: "alias set",
    args: ({ old }) => ["alias", "set", "champion", "one@one", "--session", old],
    exitCodes: [DONE, REFUSED],
  },
  { name: "clean-up to trash", args: () => ["run", "failing-trash.json", "--json"], exitCodes: [FAILED] },
  { name: "clean-up by deleting", args: () => ["run", "failing-delete.json", "--json"], exitCodes: [FAILED] },
  { name: "reuse", args: () => ["run", "cached.json", "--json"], exitCodes: [DONE] },
];
