const ERASE_LINE = "\r\u001b[K";

/** Shows the step that is under way, each in the place of the one before; null ends it. */
export function showSteps(): (step: string | null) => void {
  let drop = (): void => {};
  return (step) => {
    drop();
    drop = step === null ? () => {} : showLine(`${step} …`, process.stderr);
  };
}

/** Shows a line that goes away again, on a terminal that can do so; elsewhere it shows none. */
export function showLine(
  text: string,
  stream: Pick<NodeJS.WriteStream, "isTTY" | "write">,
  environment: NodeJS.ProcessEnv = process.env,
): () => void {
  if (stream.isTTY !== true || environment.TERM === "dumb") return () => {};
  stream.write(text);
  return () => stream.write(ERASE_LINE);
}
