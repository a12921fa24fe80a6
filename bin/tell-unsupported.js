/** Tells why runweave can't run on this machine, and what to do; null if it can. Any Node can read this file. */
export function tellUnsupported() {
  if (process.platform !== "linux") {
    const hint = "run it on a Linux machine, in a container or in WSL 2";
    return `runweave needs Linux, as it follows processes in /proc; this is ${process.platform}: ${hint}`;
  }
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 24) {
    const hint = "install it, or `npm install node@24` beside runweave";
    return `runweave needs Node 24 or later, this is ${process.version}: ${hint}`;
  }
  return null;
}
