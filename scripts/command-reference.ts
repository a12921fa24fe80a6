import { writeFileSync } from "node:fs";
import path from "node:path";
import { createProgram } from "../src/cli/program.ts";
import { formatReference } from "./docs/format-reference.ts";

/** The page that is written. */
const PAGE = path.join(import.meta.dirname, "../docs/commands-reference.md");

writeFileSync(PAGE, formatReference(await createProgram(() => {})));
