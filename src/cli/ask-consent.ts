import { createInterface } from "node:readline/promises";

/** True if somebody is at the terminal and can be asked. */
export function canAsk({ json }: { json?: boolean | undefined }): boolean {
  return json !== true && process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** Whether somebody at the terminal says yes. Anything else is a no, the end of the input and the signal too. */
export async function askConsent(question: string, signal: AbortSignal): Promise<boolean> {
  // The terminal stays as it is, so that Ctrl-C is the signal that it is everywhere else.
  const prompt = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  const closed = new Promise<string>((resolve) => prompt.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([prompt.question(`${question} [y/N] `, { signal }), closed]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    prompt.close();
  }
}
