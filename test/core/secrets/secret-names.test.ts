import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isSecretName } from "../../../src/core/secrets/secret-names.ts";
import { looksSecret } from "../../../src/core/secrets/secret-texts.ts";

/** The worker is tried with the same tables. */
const readTable = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8")) as T;
const NAMES = readTable<Record<"secret" | "no secret", string[]>>("./names.json");
const TEXTS = readTable<{ text: string; told: string }[]>("./texts.json");

describe("names", () => {
  test.each(NAMES.secret)("%s is of a secret", (name) => expect(isSecretName(name)).toBe(true));
  test.each(NAMES["no secret"])("%s is of none", (name) => expect(isSecretName(name)).toBe(false));
});

test.each(TEXTS)("$text", ({ text, told }) => expect(looksSecret(text)).toBe(text !== told));
