import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ExceptionRecord } from "../../../src/core/run.ts";
import { hideInException, hideSecrets } from "../../../src/core/secrets/hide-secrets.ts";

interface Row {
  what: string;
  secret: string;
  forms: Record<string, string>;
}

/** The worker is tried with the same table. */
const TABLE = JSON.parse(readFileSync(new URL("./forms.json", import.meta.url), "utf8")) as Row[];

describe("hideSecrets", () => {
  const cases = TABLE.flatMap(({ what, secret, forms }) => {
    return Object.entries(forms).map(([form, text]) => ({ what, form, secret, text }));
  });
  test.each(cases)("$what: $form", ({ secret, text }) => {
    expect(findRests(hideSecrets([secret])(`<${text}>`), text)).toEqual([]);
  });

  test("the longest first, and nothing of what is too short to be one", () => {
    const hide = hideSecrets(["s3cret-token", "s3cret-token-and-more", "abc"]);
    expect(hide("s3cret-token-and-more, s3cret-token, abc")).toBe("[secret], [secret], abc");
  });

  test("the password of a URL, also decoded", () => {
    const hide = hideSecrets(["postgresql://ann:p%4055word@host/db"]);
    expect(hide("p%4055word p@55word postgresql://ann:p%4055word@host/db")).toBe("[secret] [secret] [secret]");
    expect(hide("no postgresql:// and no host")).toBe("no postgresql:// and no host");
  });

  test("any text, in JSON and for URLs, wherever it stands", () => {
    const secret = fc.string({ unit: "binary", minLength: 6, maxLength: 60 }).filter((text) => text.trim() === text);
    fc.assert(
      fc.property(secret, fc.string({ maxLength: 9 }), (text, around) => {
        fc.pre(text.isWellFormed() && !/^\[?secret\]?/.test(text));
        const hide = hideSecrets([text]);
        for (const form of [
          text,
          JSON.stringify(text),
          JSON.stringify(JSON.stringify(text)),
          encodeURIComponent(text),
        ]) {
          expect(hide(`${around}\n${form}\n${around}`)).toContain("[secret]");
        }
        const coded = hide(Buffer.from(`user:${text}`).toString("base64"));
        expect(coded).toContain("[secret]");
      }),
    );
  });

  test("one of any length", () => {
    for (const length of [600, 5_000, 200_000]) {
      const secret = Array.from({ length }, (_, at) => String.fromCharCode(97 + ((at * at) % 23))).join("");
      const hide = hideSecrets([secret, `${secret}\n+/${secret}`]);
      expect(hide(`<${secret}>`).replaceAll("[secret]", "")).toBe("<>");
      if (length < 10_000) expect(hide(encodeURIComponent(`${secret}\n+/`)).replaceAll("[secret]", "")).toHaveLength(9);
    }
  });

  test("texts of backslashes take no longer than others", () => {
    const hide = hideSecrets(["a\\b\"c'd\\\\e", '"\\"\\"\\"\\"\\"\\"\\"\\x']);
    expect(hide("\\".repeat(200_000))).toHaveLength(200_000);
    expect(hide('\\\\\\\\\\\\\\\\"'.repeat(10_000))).not.toBe("");
  });

  test("in an exception: type, classes, message, traceback and causes", () => {
    const cause: ExceptionRecord = { type: "E-s3cret", message: "s3cret", node: null, traceback: null, cause: null };
    const told = hideInException(
      { ...cause, classes: ["a.s3cret"], traceback: "at s3cret", cause },
      hideSecrets(["s3cret"]),
    );
    expect(told).toEqual({
      ...{ type: "E-[secret]", message: "[secret]", node: null, classes: ["a.[secret]"], traceback: "at [secret]" },
      cause: { type: "E-[secret]", message: "[secret]", node: null, traceback: null, cause: null },
    });
  });
});

/** Pieces of six letters of a form that are still to be seen, but for quotes, punctuation and the names of exceptions around it. */
function findRests(hidden: string, form: string): string[] {
  const left = hidden.split("[secret]").flatMap((rest) => rest.match(/[\p{L}\d]{6,}/gu) ?? []);
  return left.filter((word) => form.includes(word) && !/^(?:several|ExceptionGroup|ValueError|KeyError)$/.test(word));
}
