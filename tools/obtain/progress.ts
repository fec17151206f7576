/** Tells that something long is going on: once a second on a terminal, every half minute in a log. Answers how to end it. */
export function progress(what: string): () => void {
  const started = Date.now();
  const terminal = process.stderr.isTTY;
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const show = () => process.stderr.write(terminal ? `\r\u001b[2K… ${what}: ${seconds()} s` : `… ${what}: ${seconds()} s\n`);
  show();
  const timer = setInterval(show, terminal ? 1000 : 30_000);
  return () => {
    clearInterval(timer);
    process.stderr.write(terminal ? `\r\u001b[2K✓ ${what}: ${seconds()} s\n` : `✓ ${what}: ${seconds()} s\n`);
  };
}
