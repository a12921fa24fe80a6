import { tmpdir } from "node:os";
import { join } from "node:path";

/** Keys folder of every command that tests start: that of the user who runs them stays as it is. */
export const TEST_KEYS = join(tmpdir(), `runweave-test-keys-${process.getuid?.() ?? 0}`);
