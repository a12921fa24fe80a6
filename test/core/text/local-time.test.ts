import { expect, it } from "vitest";
import { formatLocalDay, formatLocalTime, showLocalTimes } from "../../../src/core/text/local-time.ts";

const TIME = new Date(2026, 0, 2, 3, 4, 5).toISOString();

it("a time is shown in the reader's zone", () => {
  expect(formatLocalTime(TIME)).toBe("2026-01-02 03:04:05");
  expect(formatLocalDay(TIME)).toBe("2026-01-02");
});

it("what is no time is shown as it is", () => {
  expect(formatLocalTime("yesterday")).toBe("yesterday");
});

it("times within a recorded reason are shown in the reader's zone too, ids stay", () => {
  const id = "2026-11-23T21.04.54.666Z-0000d783fb92";
  expect(showLocalTimes(`since ${id}, which succeeded at ${TIME}`)).toBe(
    `since ${id}, which succeeded at 2026-01-02 03:04:05`,
  );
});
