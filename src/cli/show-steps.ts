const ERASE_LINE = "\r\u001b[K";

/** Shows the present step on stderr. Each step replaces the line of the step before; null removes the line. */
export function showSteps(): (step: string | null) => void {
  let drop = (): void => {};
  return (step) => {
    drop();
    drop = step === null ? () => {} : showLine(`${step} …`, process.stderr);
  };
}

/** Shows a line until the returned function removes it. Without a terminal that can erase lines, shows none. */
export function showLine(
  text: string,
  stream: Pick<NodeJS.WriteStream, "isTTY" | "write">,
  environment: NodeJS.ProcessEnv = process.env,
): () => void {
  if (stream.isTTY !== true || environment.TERM === "dumb") return () => {};
  stream.write(text);
  return () => stream.write(ERASE_LINE);
}
