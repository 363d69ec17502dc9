/** An answer of a host that is not ours, as far as it is of a decent size. */
import { AnchorProblem } from './anchor.js';

export async function boundedText(response: Response, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop ends the connection.
    if (bytes > bytesMax) throw new AnchorProblem('the answer is larger than any of its kind');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
