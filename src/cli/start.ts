import { chooseProgram } from "./choose-program.ts";

await import(chooseProgram(process.argv.slice(2)));
