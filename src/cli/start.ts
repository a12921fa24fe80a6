import { chooseProgram, WHOLE_PROGRAM } from "./choose-program.ts";
import { endOnSignals } from "./end-on-signals.ts";

const words = process.argv.slice(2);
const program = chooseProgram(words);
// Reading the whole program takes a while, in which signals have to end it properly. The small one is read quickly, and ends at a signal like any program.
if (program === WHOLE_PROGRAM) endOnSignals({ json: words.includes("--json") });
await import(program);
