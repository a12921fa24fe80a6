import { claimsCorpus, endsCorpus } from "./corpora/claims.ts";
import { testCorpora } from "./test-corpora.ts";

testCorpora(claimsCorpus, endsCorpus);
