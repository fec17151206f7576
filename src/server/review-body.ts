import type { IncomingMessage } from "node:http";

/** A body that was read whole, or its beginning where it is larger than the limit. */
export interface ReviewBody {
  readonly bytes: Uint8Array;
  readonly tooLarge: boolean;
}

/** Reads a body up to `limit` bytes. The rest of a larger one is read and dropped, so that an answer can still be given. */
export async function readReviewBody(stream: IncomingMessage, limit: number): Promise<ReviewBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else if (chunks.length === 0) chunks.push(chunk.subarray(0, limit));
  }
  return { bytes: Buffer.concat(chunks), tooLarge: size > limit };
}
