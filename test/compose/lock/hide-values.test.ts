import { describe, expect, it } from "vitest";
import { hideParameter } from "../../../src/compose/lock/hide-values.ts";
import type { Json, JsonObject } from "../../../src/core/run.ts";

const hide = (leaf: string, value: Json | undefined = "x", params: JsonObject = {}) =>
  hideParameter(leaf, { params, value, findIgnored: (path) => (path === "db.url" ? "it is ignored" : null) });
const BY_NAME = { hidden: "by its name it may be a secret" };

describe("hideParameter", () => {
  it.each([
    "api-key",
    "dbPassword",
    "secretKey",
    "pw",
    "pat",
    "dsn",
    "password",
    "db.password",
    "db_password",
    "api_key",
    "s3.access_key.id",
    "TOKEN",
    "auth.header",
  ])("hides %s by its name", (leaf) => expect(hide(leaf)).toEqual(BY_NAME));

  it.each(["model", "max_tokens", "tokenizer", "keyboard", "author", "secretary.name", "random_state"])(
    "shows %s",
    (leaf) => expect(hide(leaf)).toBeNull(),
  );

  it.each([
    "postgresql://ann:pa55word@host/db",
    "https://host/x?token=T0KEN",
    "AKIAIOSFODNN7EXAMPLE",
    "host=h password=pw1",
  ])("hides %s by its form", (text) => {
    expect(hide("model", text)).toEqual({ hidden: "by its form it may be a secret" });
    expect(hide("model", ["a", text])).toEqual({ hidden: "by its form it may be a secret" });
  });

  it("hides what an ignored file gives, numbers too, unless the workflow file gives it", () => {
    expect(hide("parameters.db.url", 7)).toEqual({ hidden: "it is ignored" });
    expect(hide("db.url", "x", { db: { url: "x" } })).toBeNull();
  });

  it("shows numbers, which are no secrets, and hides what is too long to be shown itself", () => {
    expect(hide("token", 512)).toBeNull();
    expect(hide("token", undefined)).toEqual(BY_NAME);
  });

  it("shows where a variable would be filled in, and never what it stands for", () => {
    const given = {
      db: { user: "${env:DB_USER}", link: "pg://${env:HOST}" },
      "flat.key": "${env:X}",
      list: ["${env:Y}"],
    };
    expect(hide("db.user", "root", given)).toEqual({ shown: "${env:DB_USER}" });
    expect(hide("parameters.db.link", "pg://h", given)).toEqual({ shown: "pg://${env:HOST}" });
    expect(hide("flat.key", "root", given)).toEqual({ shown: "${env:X}" });
    expect(hide("list", ["a"], given)).toEqual({ hidden: "it comes from an environment variable" });
    expect(hide("db.port", 5, given)).toBeNull();
  });
});
