#!/usr/bin/env node
import { tellUnsupported } from "./tell-unsupported.js";

const unsupported = tellUnsupported();
if (unsupported !== null) {
  process.stderr.write(`${unsupported}\n`);
  process.exit(3);
}
// A static import of newer modules would fail before the check.
const { enableCompileCache } = await import("node:module");
enableCompileCache();
await import("../dist/start.js");
