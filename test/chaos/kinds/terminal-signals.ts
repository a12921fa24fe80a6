import { setTimeout as delay } from "node:timers/promises";
import { checkWorkload } from "../real/disk-invariants.ts";
import { finishSession } from "../real/finish-session.ts";
import { TerminalSession } from "../real/terminal.ts";
import { Workload } from "../real/workload.ts";
import { type Draw, drawFrom, type TrialKind } from "../trial.ts";
import { type Violation, violate } from "../violation.ts";

const CTRL_C = "\u0003";
const SHOW_CURSOR = "\u001b[?25h";
const HIDE_CURSOR = "\u001b[?25l";
const STEPS = { left: { seconds: 0.3 }, right: { seconds: 0.3 }, last: { from: ["left", "right"], seconds: 0.3 } };
const WAYS = ["once", "twice", "three times", "TERM", "HUP", "gone"] as const;

export const terminalSignals: TrialKind = {
  name: "terminal-signals",
  what: "Ctrl-C once, twice and three times, TERM, HUP, and a terminal that goes away, at any moment of a session on one",
  hasProcesses: true,
  share: 14,
  async run(seed, campaign) {
    const draw = drawFrom(String(seed), "terminal");
    const way = WAYS[seed % WAYS.length] ?? "once";
    const workload = new Workload(campaign.folder, STEPS);
    try {
      const terminal = new TerminalSession(workload, campaign);
      await terminal.shows("left");
      await delay(draw() * 300);
      await strike(terminal, { way, draw, workload });
      const { exitCode, restored, shown, hang } = await terminal.ended;
      const violations: Violation[] = [];
      if (hang !== null) violations.push(violate("session-ends", `it had not ended after ${way}: ${hang}\n${shown}`));
      if (restored === false) violations.push(violate("terminal-restored", `its settings are changed after ${way}`));
      const isCursorBack = shown.lastIndexOf(SHOW_CURSOR) >= shown.lastIndexOf(HIDE_CURSOR);
      if (restored !== null && !isCursorBack)
        violations.push(violate("terminal-restored", `the cursor is gone after ${way}`));
      const isEnd = exitCode === null || exitCode === 130 || exitCode === 0;
      if (!isEnd)
        violations.push(violate("nothing-but-a-known-error", `exit code ${exitCode} after ${way}:\n${shown}`));
      return [...violations, ...(await checkWorkload(workload)), ...(await finishSession(workload, campaign))];
    } finally {
      workload.remove();
    }
  },
};

async function strike(
  terminal: TerminalSession,
  { way, draw, workload }: { way: (typeof WAYS)[number]; draw: Draw; workload: Workload },
): Promise<void> {
  const presses = { once: 1, twice: 2, "three times": 3, TERM: 0, HUP: 0, gone: 0 }[way];
  for (let press = 0; press < presses; press++) {
    if (press > 0) await delay(draw() * 100);
    terminal.press(CTRL_C);
  }
  if (way === "gone") terminal.hangUp();
  if (way === "TERM" || way === "HUP") signalOrchestrators(workload, `SIG${way}`);
}

function signalOrchestrators({ marked }: Workload, signal: NodeJS.Signals): void {
  const isOrchestrator = ([program = "", script = ""]: readonly string[]) =>
    program.endsWith("node") && script.endsWith("runweave.js");
  for (const pid of marked.find(isOrchestrator)) process.kill(pid, signal);
}
