// A process that does what a test tells it, over a socket. It says hello first, answers each order, and ends when told.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const [socketPath, name] = process.argv.slice(2);
const socket = connect(socketPath);
const say = (message, then) => socket.write(`${JSON.stringify(message)}\n`, then);

const orders = {
  exit: ({ code }) => say({ done: true }, () => process.exit(code)),
  write: ({ path, text }) => writeFileSync(path, text),
  print: ({ text }) => process.stdout.write(text),
  environment: () => ({ value: process.env }),
  allocate: ({ bytes }) => {
    globalThis.kept = Buffer.alloc(bytes, 1);
  },
  ignore: ({ signal }) => {
    process.on(signal, () => say({ signal }));
  },
  // A further process of the same group, or of a session of its own, obedient too.
  spawn: ({ name: child, detached = false }) => {
    spawn(process.execPath, [process.argv[1], socketPath, child], { stdio: "ignore", detached });
  },
};

socket.on("connect", () => say({ hello: name, pid: process.pid, args: process.argv.slice(4) }));
createInterface({ input: socket }).on("line", (line) => {
  const order = JSON.parse(line);
  const answer = orders[order.do](order);
  if (order.do !== "exit") say({ done: true, ...answer });
});
socket.on("close", () => process.exit(99));
