import { environmentPaths, typedPaths, writtenPaths } from "./corpora/paths.ts";
import { runPaths } from "./corpora/run-paths.ts";
import { testCorpora } from "./test-corpora.ts";

testCorpora(typedPaths, writtenPaths, environmentPaths, runPaths);
