// Bundled into one file, which `index.js` gives out too: what a workflow in TypeScript imports is what runs it.
export * from "../index.ts";
export { runProgram } from "./run-program.ts";
