import { describe, expect, it } from "vitest";
import { hideParameter } from "../../../src/compose/lock/hide-values.ts";
import type { Json, JsonObject } from "../../../src/core/run.ts";

const hide = (leaf: string, value: Json | undefined = "x", params: JsonObject = {}) =>
  hideParameter(leaf, { params, value });

describe("hideParameter", () => {
  it.each(["password", "db.password", "db_password", "api_key", "s3.access_key.id", "TOKEN", "auth.header"])(
    "hides %s by its name",
    (leaf) => expect(hide(leaf)).toEqual({ hidden: "name" }),
  );

  it.each(["model", "max_tokens", "tokenizer", "keyboard", "author", "secretary.name", "random_state"])(
    "shows %s",
    (leaf) => expect(hide(leaf)).toBeNull(),
  );

  it("shows numbers, which are no secrets, and hides what is too long to be shown itself", () => {
    expect(hide("token", 512)).toBeNull();
    expect(hide("token", undefined)).toEqual({ hidden: "name" });
  });

  it("shows where a variable would be filled in, and never what it stands for", () => {
    const given = {
      db: { user: "${env:DB_USER}", url: "pg://${env:HOST}" },
      "flat.key": "${env:X}",
      list: ["${env:Y}"],
    };
    expect(hide("db.user", "root", given)).toEqual({ shown: "${env:DB_USER}" });
    expect(hide("parameters.db.url", "pg://h", given)).toEqual({ shown: "pg://${env:HOST}" });
    expect(hide("flat.key", "root", given)).toEqual({ shown: "${env:X}" });
    expect(hide("list", ["a"], given)).toEqual({ hidden: "variable" });
    expect(hide("db.port", 5, given)).toBeNull();
  });
});
