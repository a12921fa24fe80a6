import fc from "fast-check";
import { expect, test } from "vitest";
import { escapePattern } from "../../../src/core/text/escape-pattern.ts";

test.each(["", "u"])("a pattern of any text matches that text alone, with the flags %j", (flags) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (text, other) => {
      const pattern = new RegExp(`^(?:${escapePattern(text)})$`, flags);
      expect(pattern.test(text)).toBe(true);
      expect(pattern.test(other)).toBe(other === text);
    }),
  );
  for (const character of "\\^$.*+?()[]{}|/-") {
    expect(new RegExp(`^${escapePattern(character)}$`, flags).test(character)).toBe(true);
  }
});
