import { closeSync, readFileSync, statSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hideSecrets } from "../../src/core/secrets/hide-secrets.ts";
import { appendToLog, openLog, readLogTail, stripControls } from "../../src/processes/log-file.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";

const hide = (text: string) => text;

test("a log and its folder are for this user alone, and every writer appends", () => {
  const path = join(makeTemporaryFolder(), "logs", "run.log");
  const first = openLog(path);
  appendToLog(path, "note");
  writeSync(first, "after\n");
  closeSync(first);
  expect(readFileSync(path, "utf8")).toBe("[runweave] note\nafter\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
});

test("a log that is a symlink is not written through", () => {
  const folder = makeTemporaryFolder();
  writeFileSync(join(folder, "victim"), "");
  symlinkSync(join(folder, "victim"), join(folder, "run.log"));
  expect(() => openLog(join(folder, "run.log"))).toThrow("ELOOP");
  expect(readLogTail(join(folder, "run.log"), { lines: 5, hide })).toBe("");
});

test("the tail is the last lines, from a given byte on", () => {
  const path = join(makeTemporaryFolder(), "run.log");
  writeFileSync(path, "1\n2\n3\n4\n\n");
  expect(readLogTail(path, { lines: 2, hide })).toBe("3\n4");
  expect(readLogTail(path, { lines: 9, fromByte: 4, hide })).toBe("3\n4");
  expect(readLogTail(path, { lines: 9, fromByte: 100, hide })).toBe("");
});

test("the tail leaves out what the session itself noted among the output", () => {
  const path = join(makeTemporaryFolder(), "run.log");
  writeFileSync(path, '{"level":"info","session_id":"s","msg":"run started"}\n{"level":30,"msg":"hers"}\nlast\n');
  expect(readLogTail(path, { lines: 5, hide })).toBe('{"level":30,"msg":"hers"}\nlast');
});

test("what was printed without the end of a line stays apart from lines of ours, and without them in the tail", () => {
  const path = join(makeTemporaryFolder(), "run.log");
  writeFileSync(path, 'begun{"level":"info","session_id":"s","msg":"run started"}\nlast words');
  appendToLog(path, "note");
  appendToLog(path, "another");
  expect(readLogTail(path, { lines: 5, hide })).toBe("begun\nlast words\n[runweave] note\n[runweave] another");
});

test("secrets are hidden before the tail is cut, and of a line whose beginning was not read nothing is told", () => {
  const path = join(makeTemporaryFolder(), "run.log");
  const key = Array.from({ length: 32 }, (_, at) => `line ${at} of the key`).join("\n");
  const told = hideSecrets([key]);
  writeFileSync(path, `before\n${key}\nafter\n`);
  // A long secret is hidden in pieces.
  expect(readLogTail(path, { lines: 5, hide: told })).toMatch(/^before\n(?:\[secret\])+\nafter$/);
  writeFileSync(path, `${"0123456789abcdef".repeat(6_000)}\n${"x\n".repeat(39_990)}last\n`);
  expect(readLogTail(path, { lines: 100_000, hide: told })).toMatch(/^(?:x\n)+last$/);
});

test("of a huge log only the end is read", () => {
  const path = join(makeTemporaryFolder(), "run.log");
  writeFileSync(path, `${"x".repeat(1_000_000)}\nlast\n`);
  expect(readLogTail(path, { lines: 5, hide })).toMatch(/^x{60000,66000}\nlast$/);
});

test.each([
  ["\u001b[31mred\u001b[0m", "red"],
  ["\u001b]0;title\u0007text", "text"],
  ["\u001b]8;;http://x\u001b\\link", "link"],
  ["10%\r20%\r\n", "10%\n20%\n"],
  ["tab\tstays, bell\u0007 and \u009bC1 go", "tab\tstays, bell and C1 go"],
])("%j is shown as %j", (raw, shown) => {
  expect(stripControls(raw)).toBe(shown);
});

test("no text keeps a control byte but tab and newline", () => {
  const nasty = fc.string({
    unit: fc.constantFrom("\u001b", "[", "]", "\u0007", "\\", "\r", "\n", "m", "\u009b", "é"),
  });
  fc.assert(fc.property(nasty, (text) => !/(?![\n\t])\p{Cc}/u.test(stripControls(text))));
});
