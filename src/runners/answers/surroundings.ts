import { createHash, createHmac } from "node:crypto";
import { hostname, machine, release } from "node:os";
import type { Seal } from "./sealed-files.ts";

/** Changes when the form of what is kept changes. */
const FORMAT = 1;
const NAME_DIGITS = 32;

/**
 * Variables that differ in each terminal or process and do not matter to a project. An answer that asks for one of them
 * by name is not kept: see `isVolatile`.
 */
const VOLATILE = new Set([
  ...["PWD", "OLDPWD", "SHLVL", "_", "INIT_CWD", "COLUMNS", "LINES", "TERM", "COLORTERM", "WINDOWID"],
  ...["TERM_PROGRAM", "TERM_PROGRAM_VERSION", "TERM_SESSION_ID", "VTE_VERSION", "TMUX", "TMUX_PANE", "STY", "WINDOW"],
  ...["SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "SSH_AUTH_SOCK", "SSH_AGENT_PID", "DBUS_SESSION_BUS_ADDRESS"],
  ...["XDG_SESSION_ID", "INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "NODE", "NODE_COMPILE_CACHE"],
  ...["RUNWEAVE_RUN_ID", "RUNWEAVE_ANCESTORS", "RUNWEAVE_ATTEMPT_FOLDER"],
]);
/** Variables that npm gives to the scripts that it starts. */
const OF_NPM = /^npm_/;

/** True if a variable is left out of what an answer is kept by. */
export function isVolatile(name: string): boolean {
  return VOLATILE.has(name) || OF_NPM.test(name);
}

/** All that an answer depends on besides the question and what is read for it: digests of it, never what it is. */
export class Surroundings {
  readonly #secret: Buffer;

  /** `what` names the program that is asked: JSON. */
  constructor(what: unknown, environment: NodeJS.ProcessEnv) {
    const variables = Object.entries(environment)
      .filter(([name, value]) => value !== undefined && !isVolatile(name))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const machineFacts = [hostname(), machine(), release(), process.getuid?.() ?? null];
    const text = JSON.stringify([FORMAT, what, machineFacts, variables]);
    this.#secret = createHash("sha256").update(text).digest();
  }

  /** Name and key of what is kept under a text. The environment is in both, so that only who has it can read it. */
  seal(use: "answer" | "reads", text: string): Seal {
    const name = createHmac("sha256", this.#secret).update(`${use} name ${text}`).digest("hex").slice(0, NAME_DIGITS);
    return { name, key: createHmac("sha256", this.#secret).update(`${use} key ${text}`).digest() };
  }
}
