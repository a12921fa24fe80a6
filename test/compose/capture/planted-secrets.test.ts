import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { captureCode, patchPath } from "../../../src/compose/capture/capture-origin.ts";
import { makeTemporaryFolder } from "../../rig/temporary-folder.ts";

const TOKEN = `ghp_${"c0ffee".repeat(6)}`;
const PASSWORD = `password = "canary-${"x1".repeat(8)}"`;
const KEY = Array.from({ length: 12 }, (_, at) => `canaryKey${String(at).padStart(3, "0")}${"Ab9+".repeat(13)}`);
const pem = (lines: readonly string[]) =>
  `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
const FILL = Array.from({ length: 60 }, (_, at) => `line_${at} = ${at}`);

/** A checkout with these files committed. */
function makeCheckout(files: Readonly<Record<string, string | Buffer>> = {}) {
  const folder = makeTemporaryFolder();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: folder, encoding: "utf8" });
  git("init", "-q");
  const write = (name: string, content: string | Buffer) => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  for (const [name, content] of Object.entries({ "code.py": "print(1)\n", ...files })) write(name, content);
  git("add", "-A");
  git("commit", "-q", "-m", "code");
  return { folder, git, write, at: (name: string) => join(folder, name) };
}
type Checkout = ReturnType<typeof makeCheckout>;

/** What is kept of a checkout in which code.py has changed too, and the names of what is left out. */
async function capture({ folder, write }: Checkout) {
  write("code.py", "print(2)\n");
  const root = makeTemporaryFolder();
  const { patch } = (await captureCode(folder, { root })).origin;
  const text = patch === null ? Buffer.alloc(0) : readFileSync(patchPath(root, patch));
  return { text, leftOut: patch?.left_out ?? [] };
}

/** Everything that a reader gets out of a patch: its text, without zero bytes, and the binary files that it makes. */
function readable(checkout: Checkout, text: Buffer): string {
  const copy = makeTemporaryFolder();
  execFileSync("git", ["clone", "-q", checkout.folder, copy]);
  if (text.length > 0) execFileSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: copy, input: text });
  const made = execFileSync("git", ["ls-files", "--modified", "--others", "-z"], { cwd: copy, encoding: "utf8" });
  const isThere = (name: string) => name !== "" && name !== "code.py" && existsSync(join(copy, name));
  const files = made.split("\0").filter(isThere);
  const contents = files.map((name) => readFileSync(join(copy, name), "latin1"));
  return [text.toString("latin1"), ...contents].join("\n").replaceAll("\0", "");
}

interface Case {
  committed?: Readonly<Record<string, string | Buffer>>;
  plant(checkout: Checkout): void;
  /** What must not be read. */
  secret: string;
}

const utf16 = (text: string, isBig = false) => {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return isBig ? bytes.swap16() : bytes;
};

const CASES: Readonly<Record<string, Case>> = {
  "a new binary file": {
    plant: ({ write }) => write("blob.bin", Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(`x ${TOKEN} y`)])),
    secret: TOKEN,
  },
  "a binary file that changes in few bytes": {
    committed: { "blob.bin": Buffer.concat([Buffer.alloc(4), deflateSync(FILL.join("\n")), Buffer.alloc(4_000, 7)]) },
    plant: ({ write, at }) =>
      write("blob.bin", Buffer.concat([readFileSync(at("blob.bin")), Buffer.from(`\n${TOKEN}\n`)])),
    secret: TOKEN,
  },
  "a text file that git is told to take for binary": {
    committed: { ".gitattributes": "*.dat binary\n" },
    plant: ({ write }) => write("x.dat", `${PASSWORD}\n`),
    secret: PASSWORD,
  },
  "UTF-16": { plant: ({ write }) => write("settings.txt", utf16(`a = 1\r\n${PASSWORD}\r\n`)), secret: PASSWORD },
  "UTF-16, high byte first": {
    plant: ({ write }) => write("settings.txt", utf16(`a = 1\n${TOKEN}\n`, true)),
    secret: TOKEN,
  },
  "UTF-16 that git is told to take for text": {
    committed: { ".gitattributes": "*.txt diff\n" },
    plant: ({ write }) => write("settings.txt", utf16(`a = 1\n${TOKEN}\n`)),
    secret: TOKEN,
  },
  "UTF-16 below 8,000 bytes of ASCII": {
    plant: ({ write }) =>
      write("x.txt", Buffer.concat([Buffer.from(FILL.join("\n").repeat(20)), utf16(`\n${PASSWORD}\n`)])),
    secret: PASSWORD,
  },
  "a very long line": {
    plant: ({ write }) => write("x.json", `{"a": "${"b".repeat(5_000)}", "db": {"password": "canary-long-77f2"}}\n`),
    secret: "canary-long-77f2",
  },
  "a token in a very long line": {
    plant: ({ write }) => write("x.js", `const a="${"b".repeat(50_000)}";f("${TOKEN}");\n`),
    secret: TOKEN,
  },
  "a file whose name git quotes": {
    plant: ({ write }) => write('q"uo\ted.py', `${PASSWORD}\n`),
    secret: PASSWORD,
  },
  "a secret by its name, which git quotes": {
    plant: ({ write }) => write('ä/od"d\n.pem', "canary-quoted-pem\n"),
    secret: "canary-quoted-pem",
  },
  "a file behind one with a carriage return before a header": {
    plant: ({ write }) => {
      write("b.py", "x = 1\rdiff --git a/b.py b/b.py\r\n");
      write("prod.env", "A=canary-behind-return\n");
    },
    secret: "canary-behind-return",
  },
  "a file behind one that becomes a link": {
    committed: { "b.py": "x = 1\n" },
    plant: ({ write, at }) => {
      rmSync(at("b.py"));
      symlinkSync("code.py", at("b.py"));
      write("prod.env", "A=canary-behind-link\n");
    },
    secret: "canary-behind-link",
  },
  "a link that becomes a file": {
    plant: ({ write, at, git }) => {
      symlinkSync("code.py", at("b.py"));
      git("add", "b.py");
      git("commit", "-q", "-m", "link");
      unlinkSync(at("b.py"));
      write("b.py", `${PASSWORD}\n`);
    },
    secret: PASSWORD,
  },
  "a file that was renamed": {
    committed: { "old.txt": FILL.join("\n") },
    plant: ({ at, write, git }) => {
      renameSync(at("old.txt"), at("new.txt"));
      write("new.txt", `${FILL.join("\n")}\n${PASSWORD}\n`);
      git("add", "-A");
      git("config", "diff.renames", "copies");
    },
    secret: PASSWORD,
  },
  "a file that was renamed to what names a secret": {
    committed: { "old.txt": FILL.join("\n") },
    plant: ({ git }) => void git("mv", "old.txt", "id_rsa"),
    secret: "+line_0 = 0",
  },
  "a key whose first lines are committed": {
    committed: { "a.txt": pem(KEY.slice(0, 2).concat(KEY.slice(0, 6))) },
    plant: ({ write }) => write("a.txt", pem(KEY.slice(0, 2).concat(KEY.slice(6)))),
    secret: KEY[8] ?? "",
  },
  "a key of which only the middle changes": {
    committed: { "a.txt": pem(KEY) },
    plant: ({ write }) => write("a.txt", pem(KEY.with(6, `canaryMiddle${"Ab9+".repeat(13)}`))),
    secret: "canaryMiddle",
  },
  "a value on the line below its name": {
    plant: ({ write }) => write("a.py", 'PASSWORD = (\n    "canary-below-99d1"\n)\n'),
    secret: "canary-below-99d1",
  },
  "a value on a new line below its name, which is committed": {
    committed: { "a.py": 'PASSWORD = (\n    "${PASSWORD}"\n)\n' },
    plant: ({ write }) => write("a.py", 'PASSWORD = (\n    "canary-below-88d2"\n)\n'),
    secret: "canary-below-88d2",
  },
  "a block of YAML": {
    plant: ({ write }) => write("a.yml", "db:\n  password: |\n    canary-block-31\n"),
    secret: "canary-block-31",
  },
  "a notebook": {
    plant: ({ write }) => write("a.ipynb", `${JSON.stringify({ source: [`${PASSWORD}\n`] })}\n`),
    secret: "canary-",
  },
  "a variable of a script": {
    plant: ({ write }) => write("run.sh", "set -e\nexport DB_PASSWORD=canary1shell2\n"),
    secret: "canary1shell2",
  },
  "a name with a type": {
    plant: ({ write }) => write("a.py", 'password: str | None = "canary-typed-5"\n'),
    secret: "canary-typed-5",
  },
  "a name in brackets": {
    plant: ({ write }) => write("a.py", 'os.environ["DB_PASSWORD"] = "canary-bracket-6"\n'),
    secret: "canary-bracket-6",
  },
  "lines that end with a carriage return alone": {
    plant: ({ write }) => write("a.yml", "a: 1\rdb_password: canary-return-7\rb: 2\r"),
    secret: "canary-return-7",
  },
};

describe("a patch holds no secret", () => {
  test.each(Object.entries(CASES))("of %s", async (_, { committed, plant, secret }) => {
    const checkout = makeCheckout(committed);
    plant(checkout);
    const { text, leftOut } = await capture(checkout);
    expect(readable(checkout, text)).not.toContain(secret);
    expect(leftOut.length).toBeGreaterThan(0);
    expect(text.toString()).toContain("+print(2)");
  });
});

test("what is left out is named as it is on the disk", async () => {
  const checkout = makeCheckout();
  checkout.write('ä/od"d\n.pem', "x\n");
  expect((await capture(checkout)).leftOut).toEqual(['ä/od"d\n.pem']);
});

test("other files are kept: what is binary, quoted, long, a link, or has code that names secrets", async () => {
  const checkout = makeCheckout({ "b.py": "x = 1\n" });
  const { write, at } = checkout;
  write("blob.bin", Buffer.from([0, 1, 2, 255]));
  write('q"uo\ted ä.py', "y = 1\n");
  write("long.txt", `${"word ".repeat(10_000)}\n`);
  write("cert.txt", pem(KEY).replaceAll("PRIVATE KEY", "CERTIFICATE"));
  write(
    "a.py",
    "token = tokens[0]\npassword = (\n    get_password()\n)\nsecret = settings.secret2\ntoken: Token2 = read()\n",
  );
  write("a.yml", "token:\n  description: one\npassword: |\n  ${PASSWORD}\n");
  rmSync(at("b.py"));
  symlinkSync("code.py", at("b.py"));
  const { text, leftOut } = await capture(checkout);
  expect(leftOut).toEqual([]);
  const copy = makeTemporaryFolder();
  execFileSync("git", ["clone", "-q", checkout.folder, copy]);
  execFileSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: copy, input: text });
  for (const name of ["blob.bin", 'q"uo\ted ä.py', "long.txt", "a.py", "a.yml", "b.py"])
    expect(readFileSync(join(copy, name))).toEqual(readFileSync(at(name)));
});
