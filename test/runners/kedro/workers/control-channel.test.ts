import { type Duplex, duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { ChannelClosedError, ControlChannel } from "../../../../src/runners/kedro/workers/control-channel.ts";
import type { WorkerEvent } from "../../../../src/runners/kedro/workers/control-messages.ts";

const EXIT = { event: "exit" as const, run_id: "r", exit_code: 0, signal: null, left_behind: [] };

function open() {
  const [ours, theirs] = duplexPair() as [Duplex, Duplex];
  const events: WorkerEvent[] = [];
  const closed = Promise.withResolvers<ChannelClosedError>();
  const channel = new ControlChannel(ours, { onEvent: (event) => events.push(event), onClose: closed.resolve });
  const sent: unknown[] = [];
  theirs.on("data", (chunk: Buffer) =>
    sent.push(
      ...chunk
        .toString()
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ),
  );
  const say = (...messages: unknown[]) =>
    theirs.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(""));
  return { channel, events, closed: closed.promise, theirs, sent, say };
}

test("replies find their requests, in whatever order they come", async () => {
  const { channel, sent, say } = open();
  const [one, two] = [channel.request("probe", { a: 1 }), channel.request("stop", {})];
  say(
    { id: 2, ok: true, x: "two" },
    { id: 1, ok: false, error: { code: "C", message: "m", hint: null, traceback: null } },
  );
  expect(await two).toEqual({ id: 2, ok: true, x: "two" });
  expect(await one).toMatchObject({ ok: false, error: { code: "C" } });
  expect(sent).toEqual([
    { id: 1, op: "probe", a: 1 },
    { id: 2, op: "stop" },
  ]);
});

test("a message may arrive in pieces, and several in one", async () => {
  const { channel, events, theirs } = open();
  const reply = channel.request("probe", {});
  const text = `${JSON.stringify(EXIT)}\n\n${JSON.stringify({ ...EXIT, run_id: "ü" })}\n{"id":1,"ok":true}\n`;
  for (const byte of Buffer.from(text)) theirs.write(Buffer.of(byte));
  await reply;
  expect(events).toEqual([EXIT, { ...EXIT, run_id: "ü" }]);
});

test.each([
  ["text", "Traceback (most recent call last):\n"],
  ["an unknown event", '{"event":"surprise"}\n'],
  ["an event of the wrong shape", '{"event":"exit","run_id":7,"exit_code":0,"signal":null,"left_behind":[]}\n'],
  ["an error without a message", '{"id":1,"ok":false,"error":{}}\n'],
  ["bytes that are no text", Buffer.from([0xff, 0x00, 0x0a])],
])("%s closes the channel, and nobody waits for a reply any more", async (_, rubbish) => {
  const { channel, events, closed, theirs } = open();
  const reply = channel.request("probe", {});
  theirs.write(rubbish);
  theirs.write(`${JSON.stringify(EXIT)}\n`);
  expect((await closed).message).toContain("a message that is none");
  await expect(reply).rejects.toThrow(ChannelClosedError);
  await expect(channel.request("probe", {})).rejects.toThrow(ChannelClosedError);
  expect(events).toEqual([]);
});

test("a message without an end is not collected for ever", async () => {
  const { closed, theirs } = open();
  const part = Buffer.alloc(8 * 1024 * 1024, "x");
  for (let sent = 0; sent <= 64; sent += 8) theirs.write(part);
  expect((await closed).message).toBe("the worker sent a message of more than 64 MiB");
});

test("the end of the worker ends all waiting", async () => {
  const { channel, closed, theirs } = open();
  const reply = channel.request("probe", {});
  theirs.end();
  await expect(reply).rejects.toThrow("the worker closed its control channel");
  expect((await closed).message).toBe("the worker closed its control channel");
});

test("a reply that nobody asked for is no harm", async () => {
  const { channel, say } = open();
  const reply = channel.request("probe", {});
  say({ id: 7, ok: true }, { id: 1, ok: true });
  expect(await reply).toEqual({ id: 1, ok: true });
});
