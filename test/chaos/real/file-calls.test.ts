import { spawnSync } from "node:child_process";
import fs, { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { callOf, FILE_CALLS, HANDLE_CALLS } from "./file-calls.ts";
import { parsePoints } from "./point.ts";

const PRELOAD = join(import.meta.dirname, "crash-preload.ts");
const folder = mkdtempSync(join(tmpdir(), "file-calls-"));

afterAll(() => rmSync(folder, { recursive: true }));

it.each(functionsOf(fs).concat(functionsOf(fs.promises)))("says what %s of node:fs does to files", (name) => {
  expect(callOf(name)).toBeDefined();
});

it("says of each method of a FileHandle whether it changes the file", async () => {
  await using handle = await fs.promises.open("/dev/null");
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(handle)).filter((name) => name !== "constructor");
  expect(names.filter((name) => !(name in HANDLE_CALLS))).toEqual([]);
});

it("makes a point of each changing function, as it waits, as it gives a promise, and of each method of a FileHandle", () => {
  const names = runScript(EVERY_CALL);
  const changing = Object.keys(FILE_CALLS).filter((name) => !["reads", "delegates"].includes(String(callOf(name))));
  const missing = changing.filter((name) => !names.some((point) => point.split(" ")[0] === name));
  // No file system here lets modes of links be changed.
  expect(missing).toEqual(["lchmod"]);
  const methods = Object.keys(HANDLE_CALLS).filter((name) => HANDLE_CALLS[name] === "changes");
  expect(methods.filter((name) => !names.some((point) => point.startsWith(`handle.${name} `)))).toEqual([]);
  expect(names.filter((point) => point === "writeFile kept").length).toBe(3);
  expect(names).toContain("rename moved -> elsewhere/tmp/moved-N");
  expect(names).toContain("open streamed");
  expect(names.filter((point) => point.includes("outside"))).toEqual([]);
});

function functionsOf(owner: object): string[] {
  return Object.entries(owner).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
}

function runScript(script: string): string[] {
  const log = join(folder, "points");
  const root = join(folder, "root");
  fs.mkdirSync(root);
  const { status, stderr } = spawnSync(process.execPath, ["--import", PRELOAD, "--input-type=module", "-e", script], {
    cwd: root,
    env: { ...process.env, CHAOS_ROOT: root, CHAOS_LOG: log },
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return parsePoints(readFileSync(log, "utf8")).map(({ name }) => name);
}

const EVERY_CALL = `
import fs, { writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { once } from "node:events";

writeFileSync("kept", "a");
await writeFile("kept", "b");
await new Promise((resolve) => fs.writeFile("kept", "c", resolve));
fs.writeFileSync("/dev/null", "outside");
fs.appendFileSync("kept", "d");
fs.chmodSync("kept", 0o600);
fs.chownSync("kept", process.getuid(), process.getgid());
fs.lchownSync("kept", process.getuid(), process.getgid());
fs.copyFileSync("kept", "copied");
fs.cpSync("kept", "copied-too");
fs.linkSync("kept", "linked");
fs.symlinkSync("kept", "link");
fs.lutimesSync("link", 1, 1);
fs.utimesSync("kept", 1, 1);
fs.truncateSync("kept", 1);
fs.mkdirSync("made");
fs.rmdirSync("made");
fs.mkdtempSync("temporary-");
fs.mkdtempDisposableSync("temporary-").remove();
fs.renameSync("copied", "moved");
fs.renameSync("moved", "/tmp/moved-" + process.pid);
fs.rmSync("/tmp/moved-" + process.pid);
fs.unlinkSync("copied-too");
await fs.promises.rm("linked");
const fd = fs.openSync("opened", "w");
fs.writeSync(fd, "a");
fs.writevSync(fd, [Buffer.from("a")]);
fs.fchmodSync(fd, 0o600);
fs.fchownSync(fd, process.getuid(), process.getgid());
fs.fdatasyncSync(fd);
fs.fsyncSync(fd);
fs.ftruncateSync(fd, 1);
fs.futimesSync(fd, 1, 1);
fs.closeSync(fd);
const handle = await fs.promises.open("handled", "w");
await handle.appendFile("a");
await handle.chmod(0o600);
await handle.chown(process.getuid(), process.getgid());
await handle.datasync();
await handle.sync();
await handle.truncate(1);
await handle.utimes(1, 1);
await handle.write("a");
await handle.writeFile("a");
await handle.writev([Buffer.from("a")]);
await handle.close();
const stream = fs.createWriteStream("streamed");
stream.end("a");
await once(stream, "close");
fs.readFileSync("kept");
`;
