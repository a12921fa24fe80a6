import { runCommandLine } from "../../src/cli/run-command-line.ts";

/** What a command line said, and how it ended. */
export interface Said {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs command lines in this process, so that a corpus may have hundreds. One at a time: they share its streams. */
export async function sayCommand(args: readonly string[]): Promise<Said> {
  const [stdout, stderr] = [captureStream(process.stdout), captureStream(process.stderr)];
  try {
    const exitCode = await runCommandLine([process.execPath, "runweave", ...args]);
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.release();
    stderr.release();
  }
}

function captureStream(stream: NodeJS.WriteStream): { text(): string; release(): void } {
  const chunks: Buffer[] = [];
  const write = stream.write;
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    chunks.push(Buffer.from(chunk));
    const done = rest.find((each) => typeof each === "function") as (() => void) | undefined;
    done?.();
    return true;
  }) as typeof stream.write;
  return {
    text: () => Buffer.concat(chunks).toString("utf8"),
    release: () => {
      stream.write = write;
    },
  };
}

const KNOWN_EXITS: ReadonlySet<number> = new Set([0, 1, 2, 3]);
/** What a terminal would obey, or would show as something else than it is; line feeds are ours. */
const CONTROL = /[^\P{Cc}\n]|[\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** What is wrong with how a command line took something hostile, whatever that was. */
export function judgeSaid({ exitCode, stdout, stderr }: Said): string[] {
  const complaints: string[] = [];
  if (!KNOWN_EXITS.has(exitCode)) complaints.push(`exit code ${exitCode}: ${stderr.slice(0, 2_000)}`);
  if (exitCode > 1 && !/error|^FAIL |^not collected: /m.test(stdout + stderr))
    complaints.push(`exit code ${exitCode} without an error: ${stderr}`);
  for (const text of [stdout, stderr]) {
    const control = CONTROL.exec(text)?.[0];
    if (control !== undefined)
      complaints.push(`${JSON.stringify(control)} reaches the terminal: ${around(text, control)}`);
    if (/^\s+at .*\.[jt]s:\d+/m.test(text)) complaints.push(`a trace of ours: ${text.slice(0, 1_000)}`);
  }
  return complaints;
}

function around(text: string, part: string): string {
  const at = text.indexOf(part);
  return JSON.stringify(text.slice(Math.max(0, at - 60), at + 60));
}
