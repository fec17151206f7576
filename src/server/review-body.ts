import type { IncomingMessage } from "node:http";

/** A body that was read whole, or its beginning where it is larger than the limit. */
export interface ReviewBody {
  readonly bytes: Uint8Array;
  readonly tooLarge: boolean;
}

/** Reads a body up to `limit` bytes. The rest of a larger one is read and dropped, so that an answer can still be given. */
export function readReviewBody(stream: IncomingMessage, limit: number): Promise<ReviewBody> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else if (chunks.length === 0) chunks.push(chunk.subarray(0, limit));
    });
    stream.once("end", () => resolve({ bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks), tooLarge: size > limit }));
    stream.once("error", reject);
    // A connection that breaks off ends no stream.
    stream.once("aborted", () => reject(new Error("the connection was closed before the whole body had come")));
  });
}
