import { lockFileCorpora } from "./corpora/lock-files.ts";
import { testCorpora } from "./test-corpora.ts";

testCorpora(lockFileCorpora);
