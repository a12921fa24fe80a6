import { keptPlanCorpora } from "./corpora/kept-plans.ts";
import { patchesCorpus } from "./corpora/patches.ts";
import { testCorpora } from "./test-corpora.ts";

testCorpora(keptPlanCorpora, patchesCorpus);
