import { documentCorpora } from "./corpora/documents.ts";
import { testCorpora } from "./test-corpora.ts";

testCorpora(documentCorpora);
