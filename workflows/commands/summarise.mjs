// Reads the readings and writes their summary. The paths come from the environment, so it needs no arguments.
import { readFileSync, writeFileSync } from "node:fs";

const inputs = JSON.parse(process.env.RUNWEAVE_INPUTS);
const outputs = JSON.parse(process.env.RUNWEAVE_OUTPUTS);

const [, ...lines] = readFileSync(inputs.readings, "utf8").trim().split("\n");
const celsius = lines.map((line) => Number(line.split(",")[1]));
const summary = { days: celsius.length, coldest: Math.min(...celsius), warmest: Math.max(...celsius) };

writeFileSync(outputs.summary, `${JSON.stringify(summary, null, 2)}\n`);
writeFileSync(process.env.RUNWEAVE_METRICS, JSON.stringify(summary));
console.log(`${summary.days} days between ${summary.coldest} and ${summary.warmest} degrees`);
