#!/usr/bin/env node
if (process.platform !== "linux") {
  const hint = "run it on a Linux machine, in a container or in WSL 2";
  process.stderr.write(
    `runweave needs Linux, as it follows processes in /proc; this is ${process.platform}: ${hint}\n`,
  );
  process.exit(3);
}
// Static imports of newer modules would fail before this check could say why.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  const hint = "install it, or `npm install node@24` beside runweave";
  process.stderr.write(`runweave needs Node 24 or later, this is ${process.version}: ${hint}\n`);
  process.exit(3);
}
const { enableCompileCache } = await import("node:module");
enableCompileCache();
await import("../dist/cli.js");
