import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leaveOutSecrets } from "../../../src/compose/capture/secret-files.ts";

/** A patch that adds these lines to these files. */
function patchOf(files: Readonly<Record<string, readonly string[]>>): Buffer {
  const sections = Object.entries(files).map(([name, lines]) => {
    const head = `diff --git a/${name} b/${name}\nnew file mode 100644\n--- /dev/null\n+++ b/${name}\n`;
    return `${head}@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join("")}`;
  });
  return Buffer.from(sections.join(""), "latin1");
}

const leftOut = (files: Readonly<Record<string, readonly string[]>>) =>
  leaveOutSecrets(patchOf(files), () => null).leftOut;

describe("by name", () => {
  test.each([
    ...[
      ".env",
      ".env.local",
      ".envrc",
      "prod.env",
      "deploy/.netrc",
      ".pgpass",
      ".pypirc",
      ".npmrc",
      ".git-credentials",
    ],
    ...[
      ".htpasswd",
      "id_rsa",
      "keys/id_ed25519",
      "KEY.PEM",
      "server.key",
      "cert.p12",
      "Credentials.yml",
      "secrets.yml",
    ],
    ...[
      ".streamlit/secrets.toml",
      "service-account.json",
      "prod.tfvars",
      "kubeconfig",
      "token.txt",
      ".kaggle/kaggle.json",
    ],
    ...[".aws/config", "conf/local/parameters.yml", "conf/prod/credentials.yml", "gcp-credentials.json"],
  ])("%s is left out", (name) => {
    expect(leftOut({ "code.py": ["print(1)"], [name]: ["x"] })).toEqual([name]);
  });

  test.each(["environment.py", "src/secrets_manager.py", "tokenizer.py", "keys.py", "conf/base/catalog.yml", "Env.ts"])(
    "%s is code",
    (name) => {
      expect(leftOut({ [name]: ["x = 1"] })).toEqual([]);
    },
  );
});

describe("by content", () => {
  test.each([
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "aws = 'AKIAIOSFODNN7EXAMPLE'",
    `token: ghp_${"a".repeat(36)}`,
    "URL = 'postgresql://app:SRVPASS99@db/x'",
    'password = "hunter2hunter2"',
    "API_KEY: 'abcdef0123456789'",
    '  "clientSecret": "abcdef0123456789",',
    "db_password: correct-horse-battery",
  ])("a file with a line such as %s is left out", (line) => {
    expect(leftOut({ "a.py": ["x = 1"], "b.yml": ["first", line, "last"], "c.py": ["y = 2"] })).toEqual(["b.yml"]);
  });

  test.each([
    "password = os.environ['PASSWORD']",
    'password = "${oc.env:PASSWORD}"',
    "token = tokens[0]",
    "def read_secret(name: str) -> str:",
    "password: ${oc.env:DB_PASSWORD}",
    "max_tokens: 4096",
    "url: http://localhost:8080/x@y",
    "# the password: see the wiki",
  ])("a line such as %s is code", (line) => {
    expect(leftOut({ "b.yml": [line] })).toEqual([]);
  });
});

test("what is kept is byte for byte what git said, whatever its encoding", () => {
  const file = fc.tuple(fc.constantFrom("a.py", "b/ä.txt", ".env", "c"), fc.array(fc.string({ unit: "binary-ascii" })));
  fc.assert(
    fc.property(fc.array(file, { maxLength: 4 }), (files) => {
      const known = Object.fromEntries(
        files.map(([name, lines]) => [name, lines.map((line) => line.replaceAll("\n", ""))]),
      );
      const kept = Object.fromEntries(Object.entries(known).filter(([name]) => !leftOut(known).includes(name)));
      expect(leaveOutSecrets(patchOf(known), () => null).text).toEqual(patchOf(kept));
    }),
  );
});

test("what can't be looked at is left out: a binary file that can't be read, and a section without a name", () => {
  const header = "diff --git a/x.bin b/x.bin\n";
  const binary = `${header}index 1..2 100644\nGIT binary patch\nliteral 1\nIcmZQz00IC2\n\nliteral 0\nHcmV?d00001\n\n`;
  const failing = () => {
    throw new Error("EACCES");
  };
  expect(leaveOutSecrets(Buffer.from(binary), failing)).toEqual({ text: Buffer.alloc(0), leftOut: ["x.bin"] });
  expect(leaveOutSecrets(Buffer.from(binary), () => Buffer.from([0])).text.toString()).toBe(binary);
  const odd = "* Unmerged path x\n";
  expect(leaveOutSecrets(Buffer.from(odd + binary), () => null)).toEqual({
    text: Buffer.from(binary),
    leftOut: ["* Unmerged path x"],
  });
});
