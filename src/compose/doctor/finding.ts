/** One thing that was looked at, and what was found. */
export interface Finding {
  what: string;
  /** `warn`: runs have all they need, but the user has a task. */
  level: "ok" | "warn" | "fail";
  /** False for `fail` alone. */
  ok: boolean;
  /** Result of the check, or the fault that was found. */
  detail: string;
  /** Advice for the user, with the command. */
  hint: string | null;
}

export function findingOk(what: string, detail: string, hint: string | null = null): Finding {
  return { what, level: "ok", ok: true, detail, hint };
}

export function findingWarn(what: string, detail: string, hint: string | null): Finding {
  return { what, level: "warn", ok: true, detail, hint };
}

export function findingFail(what: string, detail: string, hint: string | null): Finding {
  return { what, level: "fail", ok: false, detail, hint };
}
