/** One client, pinned to its own core: `load.ts PORT PATH COUNT CONNECTIONS plain|tls < BODY`; prints seconds and latencies as JSON. */
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const [port = "", path = "", countText = "", connectionsText = "", transport = "tls"] = process.argv.slice(2);
const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const body = Buffer.concat(chunks);
const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\naccept: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
const request = Buffer.concat([Buffer.from(head), body]);

let left = Number(countText);
const latencies: number[] = [];
const started = performance.now();
await Promise.all(Array.from({ length: Number(connectionsText) }, () => connection()));
const seconds = (performance.now() - started) / 1000;
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
process.stdout.write(JSON.stringify({ seconds, count: latencies.length, p50: at(0.5), p99: at(0.99) }));

/** Sends one request after the other on one connection that is kept. */
async function connection(): Promise<void> {
  const socket = await open();
  let pending: ((answer: string) => void) | undefined;
  let received = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    received += chunk;
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1]);
    if (received.length < end + 4 + length) return;
    const answer = received;
    received = "";
    pending?.(answer);
  });
  while (left > 0) {
    left -= 1;
    const asked = performance.now();
    const answer = await new Promise<string>((resolve) => {
      pending = resolve;
      socket.write(request);
    });
    if (!answer.startsWith("HTTP/1.1 200") || answer.includes('"allowed":false')) throw new Error(answer.slice(0, 500));
    latencies.push(performance.now() - asked);
  }
  socket.destroy();
}

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: Number(port) };
    const socket: Socket =
      transport === "tls" ? connectTls({ ...options, rejectUnauthorized: false }, () => resolve(socket)) : connectPlain(options, () => resolve(socket));
    socket.setNoDelay(true).once("error", reject);
  });
}
