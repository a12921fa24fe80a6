import type { RegistryReader } from "../../core/port/registry.ts";
import type { SessionRecord } from "../../core/run.ts";
import { type Fallback, findNamed, findSessionById } from "./find-named.ts";
import { refuseArms } from "./refuse-unknown.ts";

/** A session, or one run of it. */
export interface Controlled {
  session: SessionRecord;
  run: string | null;
  fallback: Fallback | null;
}

export interface Choice {
  session: string | undefined;
  /** Takes a name from the newest session that goes on, if one does: a session that has ended can't be controlled. */
  goesOn?: boolean;
  /** True if the name of a matrix means all its arms. */
  takesMatrix?: boolean;
}

/** The target of a command that acts on a session or on one run of it. */
export function findControlled(
  reader: RegistryReader,
  word: string,
  { session, goesOn = false, takesMatrix = false }: Choice,
): Controlled {
  const named = findNamed(reader, word, {
    takes: "both",
    session,
    lacks: ({ session_id }) => {
      const status = reader.findSessionHead(session_id)?.status ?? "unknown";
      return goesOn && status !== "running" ? `has ended: ${status}` : null;
    },
  });
  if (named.kind === "arms" && !takesMatrix) refuseArms(word, named.arms);
  const { fallback } = named;
  if (named.kind === "run")
    return { session: findSessionById(reader, named.run.session_id), run: named.run.run, fallback };
  return { session: findSessionById(reader, named.sessionId), run: named.kind === "arms" ? word : null, fallback };
}
