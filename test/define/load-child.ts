/** Loads the file named first and prints what came of it: modules are imported by Node itself, not by the test runner. */
import { loadWorkflow } from "../../src/define/load.ts";

const [file = "", packageEntry] = process.argv.slice(2);
const checked = await loadWorkflow(file, packageEntry === undefined ? {} : { packageEntry });
process.stdout.write(JSON.stringify(checked));
