import { escapeCorpora } from "./corpora/escapes.ts";
import { registryCorpora } from "./corpora/registry.ts";
import { testCorpora } from "./test-corpora.ts";

testCorpora(escapeCorpora, registryCorpora);
