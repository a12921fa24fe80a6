import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openSink } from "../../../src/report/live/output-stream.ts";
import { CaptureStream } from "../capture-stream.ts";

const talker = fileURLToPath(new URL("./talker.ts", import.meta.url));

test.each(["lines", "json", "live"])("%s goes on when its reader goes away", async (kind) => {
  const child = spawn(process.execPath, [talker, kind], { stdio: ["pipe", "pipe", "pipe"] });
  const errors: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  await once(child.stdout, "data");
  child.stdout.destroy();
  await once(child.stdout, "close");
  child.stdin.end("go on");
  const [code] = await once(child, "close");
  expect(errors.join("")).toBe("talked to the end\n");
  expect(code).toBe(0);
});

test("an error that is not the reader's leave is told once", () => {
  const stream = new CaptureStream();
  const warnings: string[] = [];
  const sink = openSink(stream, (message) => warnings.push(message));
  stream.emit("error", Object.assign(new Error("no space left"), { code: "ENOSPC" }));
  stream.emit("error", Object.assign(new Error("no space left"), { code: "ENOSPC" }));
  sink.write("more");
  expect(warnings).toEqual(["output lost: no space left"]);
  expect(stream.text).toBe("");
});
