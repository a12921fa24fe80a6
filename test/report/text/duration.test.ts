import { expect, test } from "vitest";
import { formatBytes, formatDuration, formatElapsed } from "../../../src/report/text/duration.ts";

test.each([
  [null, "-"],
  [-5, "0ms"],
  [12, "12ms"],
  [999.4, "999ms"],
  [999.6, "1.0s"],
  [1234, "1.2s"],
  [59_949, "59.9s"],
  [59_990, "1m 00s"],
  [65_000, "1m 05s"],
  [3_599_600, "1h 00m"],
  [7_380_000, "2h 03m"],
])("a duration of %s ms is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [-1, "0:00"],
  [12_900, "0:12"],
  [754_000, "12:34"],
  [3_723_000, "1:02:03"],
])("%i ms elapsed are %s", (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});

test.each([
  [null, "-"],
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [123_456_789, "123 MB"],
  [999_999_999, "1.0 GB"],
  [1_500_000_000, "1.5 GB"],
])("%s bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
