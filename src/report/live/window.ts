import type { Clock } from "../../core/port/clock.ts";
import { displayWidth } from "../text/display-width.ts";
import { type OutputStream, openSink, type Sink } from "./output-stream.ts";

export interface TerminalSize {
  columns: number;
  rows: number;
}

interface WindowOptions {
  stream: OutputStream;
  clock: Clock;
  /** Content of the window; no line wider than the terminal, and fewer lines than it has. */
  render(size: TerminalSize): string[];
  warn(message: string): void;
  /** Width instead of the terminal's own. */
  columns?: number | undefined;
  rows?: number | undefined;
}

const FRAME_MS = 84;
/** Interval of updates: elapsed times go on between events. */
const TICK_MS = 1000;
const DEFAULT_SIZE: TerminalSize = { columns: 80, rows: 24 };

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
/**
 * Erases from the second column on: tmux takes an erasure in the screen's first column for a clear, and keeps each
 * frame in its history.
 */
const ERASE_BELOW = "\u001b[2K\u001b[1C\u001b[J\r";
/** The terminal shows what lies between at once; those that don't know it ignore it. */
const BEGIN_FRAME = "\u001b[?2026h";
const END_FRAME = "\u001b[?2026l";

/**
 * Some lines at the bottom of a terminal that are drawn again and again, at most twelve times a second, and lines that
 * stay above them. The cursor rests at the end of the last line, so that a full window does not scroll.
 */
export class Window {
  readonly #options: WindowOptions;
  readonly #sink: Sink;
  readonly #onResize = (): void => this.refresh();
  #permanent: string[] = [];
  #drawn: string[] = [];
  #isOpen = false;
  #isClosed = false;
  #drawnMs = 0;
  #next: { dueMs: number; cancel: () => void } | null = null;

  constructor(options: WindowOptions) {
    this.#options = options;
    this.#sink = openSink(options.stream, options.warn);
    options.stream.on("resize", this.#onResize);
  }

  /** Prints lines that stay, above the window. After `close` it prints none. */
  print(lines: readonly string[]): void {
    this.#permanent.push(...lines);
    this.refresh();
  }

  /** Draws as soon as the last frame has stood long enough. */
  refresh(): void {
    if (this.#isClosed) return;
    const standsMs = this.#options.clock.now() - this.#drawnMs;
    // A clock that steps back must not stop the window.
    const waitMs = this.#isOpen ? Math.min(FRAME_MS, Math.max(0, FRAME_MS - standsMs)) : 0;
    if (waitMs === 0) this.#draw();
    else this.#drawIn(waitMs);
  }

  /** Leaves the terminal as it was, with all permanent lines on it. May be called again. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#next?.cancel();
    this.#options.stream.off("resize", this.#onResize);
    const rest = this.#permanent.map((line) => `${line}\n`).join("");
    if (this.#isOpen || rest !== "") this.#sink.write(this.#eraseWindow() + rest + (this.#isOpen ? SHOW_CURSOR : ""));
  }

  #drawIn(delayMs: number): void {
    const dueMs = this.#options.clock.now() + delayMs;
    if (this.#next !== null && this.#next.dueMs <= dueMs) return;
    this.#next?.cancel();
    this.#next = { dueMs, cancel: this.#options.clock.after(delayMs, () => this.#draw()) };
  }

  #draw(): void {
    this.#next?.cancel();
    this.#next = null;
    this.#drawnMs = this.#options.clock.now();
    const lines = this.#options.render(this.#size());
    if (this.#permanent.length > 0 || !isSame(lines, this.#drawn) || !this.#isOpen) this.#write(lines);
    this.#drawIn(TICK_MS);
  }

  #write(lines: string[]): void {
    const above = this.#permanent.map((line) => `${line}\n`).join("");
    const hide = this.#isOpen ? "" : HIDE_CURSOR;
    this.#sink.write(`${BEGIN_FRAME}${hide}${this.#eraseWindow()}${above}${lines.join("\n")}${END_FRAME}`);
    this.#permanent = [];
    this.#drawn = lines;
    this.#isOpen = true;
  }

  /** Goes to the window's first line and erases it. A terminal that became narrower has wrapped the lines meanwhile. */
  #eraseWindow(): string {
    if (!this.#isOpen) return "";
    const { columns, rows } = this.#size();
    const height = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
    const up = Math.min(height, rows) - 1;
    return `\r${up > 0 ? `\u001b[${up}A` : ""}${ERASE_BELOW}`;
  }

  #size(): TerminalSize {
    const { stream, columns, rows } = this.#options;
    return {
      columns: columns ?? (stream.columns || DEFAULT_SIZE.columns),
      rows: rows ?? (stream.rows || DEFAULT_SIZE.rows),
    };
  }
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((line, at) => line === right[at]);
}
