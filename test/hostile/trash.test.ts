import { trashCorpora } from "./corpora/trash.ts";
import { testCorpora } from "./test-corpora.ts";

testCorpora(trashCorpora);
