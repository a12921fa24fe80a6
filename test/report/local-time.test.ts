import { expect, it } from "vitest";
import { formatLocalTime } from "../../src/report/local-time.ts";

it("a time is shown in the reader's zone", () => {
  expect(formatLocalTime(new Date(2026, 0, 2, 3, 4, 5).toISOString())).toBe("2026-01-02 03:04:05");
});

it("what is no time is shown as it is", () => {
  expect(formatLocalTime("yesterday")).toBe("yesterday");
});
