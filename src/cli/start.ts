import { chooseProgram, WHOLE_PROGRAM } from "./choose-program.ts";
import { endOnSignals } from "./end-on-signals.ts";

const words = process.argv.slice(2);
const program = chooseProgram(words);
// The program takes a while to be read. The other one ends at a signal like any program.
if (program === WHOLE_PROGRAM) endOnSignals({ json: words.includes("--json") });
await import(program);
