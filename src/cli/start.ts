import { chooseProgram, WHOLE_PROGRAM } from "./choose-program.ts";
import { endOnSignals } from "./end-on-signals.ts";

const words = process.argv.slice(2);
const program = chooseProgram(words);
// It takes a while to be read. What the other one does ends at a signal as any program.
if (program === WHOLE_PROGRAM) endOnSignals({ json: words.includes("--json") });
await import(program);
