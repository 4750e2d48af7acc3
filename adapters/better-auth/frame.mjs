// Frames of the adapter protocol: one JSON object a line, on standard input and output.
import { once } from "node:events";

/** A longer line is refused, whoever writes it. Bytes. */
const MAX_FRAME = 4 * 1024 * 1024;

/** What is kept of a line that is too long. Bytes. */
const HEAD = 1024;

const NEWLINE = 0x0a;

/** Thrown where the adapter or the release has no such thing. */
export class Unsupported extends Error {}

/** Thrown where the release refused a call; `refusal` is the reply's `error`. */
export class Refused extends Error {
  constructor(refusal) {
    super("the implementation refused the call");
    this.refusal = refusal;
  }
}

/**
 * The lines of a stream, as {text}, or as {oversize} (the first bytes) where a line is too long to be
 * held.
 */
export async function* lines(stream) {
  let pieces = [];
  let size = 0;
  const take = () => {
    const oversize = size > MAX_FRAME;
    const line = Buffer.concat(pieces).toString("utf8");
    pieces = [];
    size = 0;
    return oversize ? { oversize: line } : { text: line };
  };
  const keep = (piece) => {
    if (piece.length === 0 || size > MAX_FRAME) return;
    pieces.push(piece);
    size += piece.length;
    // Of a line that is too long only the beginning is kept: its id is there.
    if (size > MAX_FRAME) pieces = [Buffer.concat(pieces).subarray(0, HEAD)];
  };
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  if (size > 0) yield take();
}

/** The request in a line, or undefined (and a word in the log) where nobody could be answered. */
export function parseRequest({ text, oversize }) {
  if (oversize !== undefined) {
    const id = /^\s*\{\s*"id"\s*:\s*(\d+)/.exec(oversize)?.[1];
    if (id !== undefined) return { id: Number(id), oversize: true };
    console.error(`adapter: ignored a line of more than ${MAX_FRAME} bytes`);
    return undefined;
  }
  if (text.trim() === "") return undefined;
  let request;
  try {
    request = JSON.parse(text);
  } catch (error) {
    console.error(`adapter: ignored a line that is not JSON: ${error.message}`);
    return undefined;
  }
  if (!Number.isSafeInteger(request?.id) || request.id < 0) {
    console.error("adapter: ignored a request without an id");
    return undefined;
  }
  return request;
}

/** The reply that stands for a thrown error. */
function replyOfError(error) {
  if (error instanceof Refused) return { error: error.refusal };
  if (error instanceof Unsupported) return { unsupported: error.message };
  console.error("adapter:", error);
  return { failure: error instanceof Error ? error.message : String(error) };
}

/** The line that answers request `id` with what `operation` resolves to, or with what it throws. */
export async function answer(id, operation) {
  let line;
  try {
    line = JSON.stringify({ id, ok: (await operation()) ?? null });
  } catch (error) {
    line = JSON.stringify({ id, ...replyOfError(error) });
  }
  if (Buffer.byteLength(line) < MAX_FRAME) return line;
  return JSON.stringify({ id, failure: `the reply is longer than ${MAX_FRAME} bytes` });
}

/** Waits until the reader of `stream` has caught up. */
export async function drained(stream) {
  if (stream.writableNeedDrain) await once(stream, "drain");
}
