/** What a person sees of one step: a spinner on a terminal, a line now and then elsewhere. */
export interface Progress {
  /** The latest thing that the step said. */
  note(line: string): void;
  end(ok: boolean): void;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
const LINE_MS = 5_000;
const LINE_WIDTH = 100;

/** Starts to show a step on stderr, so that stdout stays with what the script is for. */
export function startProgress(label: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? startSpinner(label, stream) : startLines(label, stream);
}

function startSpinner(label: string, stream: NodeJS.WriteStream): Progress {
  const startedAt = performance.now();
  let latest = "";
  let frame = 0;
  const draw = () => {
    frame = (frame + 1) % FRAMES.length;
    const text = `${FRAMES[frame]} ${label} ${elapsed(startedAt)}  ${latest}`;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a package says must not steer the terminal
    stream.write(`\r\x1b[K${text.replaceAll(/[\x00-\x1f\x7f]/g, " ").slice(0, (stream.columns || 80) - 1)}`);
  };
  const timer = setInterval(draw, FRAME_MS);
  draw();
  return {
    note: (line) => {
      latest = line;
    },
    end: (ok) => {
      clearInterval(timer);
      stream.write(`\r\x1b[K${ok ? "✓" : "✗"} ${label} ${elapsed(startedAt)}\n`);
    },
  };
}

function startLines(label: string, stream: NodeJS.WriteStream): Progress {
  const startedAt = performance.now();
  let latest = "";
  stream.write(`${label} ...\n`);
  const timer = setInterval(() => stream.write(`  ${elapsed(startedAt)}  ${latest.slice(0, LINE_WIDTH)}\n`), LINE_MS);
  return {
    note: (line) => {
      latest = line;
    },
    end: (ok) => {
      clearInterval(timer);
      stream.write(`${label} ${ok ? "done" : "failed"} after ${elapsed(startedAt)}\n`);
    },
  };
}

function elapsed(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1_000).toFixed(0)} s`;
}
