import fc from "fast-check";
import { expect, test } from "vitest";
import { Window } from "../../../src/report/live/window.ts";
import { CaptureStream } from "../capture-stream.ts";
import { ManualTime } from "../manual-time.ts";
import { Terminal } from "../terminal.ts";

function openWindow(columns = 20, rows = 6) {
  const time = new ManualTime();
  const terminal = new Terminal(columns, rows);
  const stream = new CaptureStream({ columns, rows });
  stream.onText = (text) => terminal.write(text);
  const content = { lines: ["status"] };
  const render = () => content.lines;
  const window = new Window({ stream, clock: time, render, warn: () => {} });
  const resize = (newColumns: number, newRows: number) => {
    terminal.resize(newColumns, newRows);
    Object.assign(stream, { columns: newColumns, rows: newRows });
    stream.emit("resize");
  };
  return { time, terminal, stream, content, window, resize };
}

test("rewrites its own lines and nothing above them", () => {
  const { time, terminal, content, window } = openWindow();
  terminal.write("$ runweave run\n");
  content.lines = ["one", "two", "three"];
  window.refresh();
  expect(terminal.text).toEqual(["$ runweave run", "one", "two", "three"]);
  content.lines = ["uno"];
  window.refresh();
  time.advance(100);
  expect(terminal.text).toEqual(["$ runweave run", "uno"]);
});

test("puts lasting lines above the window, those wider than the terminal too", () => {
  const { time, terminal, window } = openWindow();
  window.refresh();
  window.print(["a finished", "b finished with a message of some length"]);
  time.advance(100);
  expect(terminal.text).toEqual(["a finished", "b finished with a message of some length", "status"]);
});

test("never erases the whole screen at once, not even from its first line on", () => {
  const { time, terminal, content, window } = openWindow();
  window.refresh();
  content.lines = ["another", "two lines"];
  window.refresh();
  time.advance(100);
  expect(terminal.text).toEqual(["another", "two lines"]);
  expect(terminal.clears).toBe(0);
});

test("draws at most twelve times a second, however often it is asked", () => {
  const { time, stream, content, window } = openWindow();
  for (let at = 0; at < 1000; at += 1) {
    content.lines = [`line ${at}`];
    window.refresh();
    time.advance(1);
  }
  expect(stream.chunks.length).toBeGreaterThan(8);
  expect(stream.chunks.length).toBeLessThanOrEqual(12);
});

test("draws once a second by itself, and writes only what changed", () => {
  const { time, stream, content, window } = openWindow();
  window.refresh();
  time.advance(5000);
  expect(stream.chunks).toHaveLength(1);
  content.lines = ["0:06"];
  time.advance(1000);
  expect(stream.chunks).toHaveLength(2);
});

test("goes on when the clock steps back", () => {
  const { time, terminal, content, window } = openWindow();
  window.refresh();
  time.stepBack(3_600_000);
  content.lines = ["later"];
  window.refresh();
  time.advance(100);
  expect(terminal.text).toEqual(["later"]);
});

test("hides the cursor while it is open and gives it back", () => {
  const { terminal, window } = openWindow();
  window.refresh();
  expect(terminal.isCursorVisible).toBe(false);
  window.close();
  expect(terminal.isCursorVisible).toBe(true);
});

test("leaves lasting lines alone on the screen, no timer and no listener", () => {
  const { time, terminal, stream, window } = openWindow();
  const listeners = stream.listenerCount("resize");
  window.refresh();
  window.print(["kept", "kept too"]);
  window.close();
  window.close();
  window.print(["too late"]);
  terminal.write("$ ");
  expect(terminal.text).toEqual(["kept", "kept too", "$ "]);
  expect(time.waiting).toBe(0);
  expect(stream.listenerCount("resize")).toBe(listeners - 1);
});

test("writes nothing if it was never drawn", () => {
  const { stream, window } = openWindow();
  window.close();
  expect(stream.text).toBe("");
});

test("does not scroll when it is as high as the terminal", () => {
  const { time, terminal, content, window } = openWindow(20, 4);
  content.lines = ["1", "2", "3", "4"];
  window.refresh();
  content.lines = ["a", "b", "c", "d"];
  window.refresh();
  time.advance(100);
  expect(terminal.text).toEqual(["a", "b", "c", "d"]);
  expect(terminal.scrolledOut).toBe(0);
});

test("finds its lines again when a narrower terminal has wrapped them", () => {
  const { time, terminal, content, window, resize } = openWindow(20, 10);
  window.print(["kept"]);
  content.lines = ["eighteen letters..", "two"];
  window.refresh();
  time.advance(100);
  content.lines = ["narrow"];
  resize(10, 10);
  time.advance(100);
  expect(terminal.text).toEqual(["kept", "narrow"]);
});

test("takes a terminal without a size for one of 80 by 24", () => {
  const time = new ManualTime();
  const sizes: unknown[] = [];
  const render = (size: unknown): string[] => {
    sizes.push(size);
    return [];
  };
  const stream = new CaptureStream({ columns: 0, rows: 0 });
  new Window({ stream, clock: time, render, warn: () => {} }).refresh();
  expect(sizes).toEqual([{ columns: 80, rows: 24 }]);
});

test("shows all lasting lines in order and then the window, after any sequence of draws and resizes", () => {
  const line = fc.string({ unit: fc.constantFrom("a", "b", "漢", " ", "é"), minLength: 1, maxLength: 10 });
  const step = fc.record({
    print: fc.array(line, { maxLength: 3 }),
    lines: fc.array(line, { minLength: 1, maxLength: 4 }),
    waitMs: fc.constantFrom(0, 10, 100, 1500),
    columns: fc.integer({ min: 20, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
      const { time, terminal, content, window, resize } = openWindow(30, 8);
      const printed: string[] = [];
      for (const { print, lines, waitMs, columns } of steps) {
        content.lines = lines;
        printed.push(...print);
        window.print(print);
        if (columns !== terminal.columns) resize(columns, 8);
        time.advance(waitMs);
      }
      time.advance(100);
      expect(trimEnds(terminal.text)).toEqual(trimEnds([...printed, ...content.lines]));
      window.close();
      expect(trimEnds(terminal.text)).toEqual(trimEnds(printed));
    }),
  );
});

function trimEnds(lines: string[]): string[] {
  const trimmed = lines.map((line) => line.trimEnd());
  return trimmed.slice(0, trimmed.findLastIndex((line) => line !== "") + 1);
}
