import { attemptFilesCorpus, sabotageCorpus } from "./corpora/attempt-files.ts";
import { injectionCorpus } from "./corpora/injections.ts";
import { secretsCorpus } from "./corpora/secrets.ts";
import { testCorpora } from "./test-corpora.ts";

testCorpora(injectionCorpus, attemptFilesCorpus, sabotageCorpus, secretsCorpus);
