// Source of one bundle, from which `index.js` exports too: a workflow in TypeScript imports the same classes that run it.
export * from "../index.ts";
export { runProgram } from "./run-program.ts";
