import { ANSWER_SCHEMAS } from "../../src/cli/answers/answers.ts";
import { EVENT_LINES } from "../../src/cli/answers/event-lines.ts";

/** Holds every line that a command has printed with `--json` to the declared shapes. Lines that were cut off are left out. */
export function checkAnswers(args: readonly string[], stdout: string): void {
  if (!args.includes("--json") || args.includes("--format")) return;
  const lines = stdout.split("\n").slice(0, -1).map(parseLine);
  for (const [at, line] of lines.entries()) {
    if (line === null) continue;
    try {
      checkLine(line, at === 0);
    } catch (error) {
      throw new Error(`runweave ${args.join(" ")}: line ${at + 1} is not as declared`, { cause: error });
    }
  }
}

interface Line {
  type: string;
  schema_version?: number;
}

function checkLine(line: Line, isFirst: boolean): void {
  if (isFirst && line.schema_version === undefined) throw new Error("the first line has no version");
  const answer = ANSWER_SCHEMAS[line.type];
  if (answer !== undefined) answer.parse(line);
  else if (line.type === "session.finished") EVENT_LINES["session.finished"].parse(line);
  else EVENT_LINES.event.parse(line);
}

function parseLine(text: string): Line | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
