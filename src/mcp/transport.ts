/**
 * Standard input and output as one connection. It differs from the SDK's in one point: when the client has said all that it
 * has to say, what it asked is still answered before the connection ends, so that no acknowledged write goes unheard.
 */
import type { Readable, Writable } from "node:stream";
import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  ReadBuffer,
  type RequestId,
  serializeMessage,
  type Transport,
} from "@modelcontextprotocol/server";

export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #buffer = new ReadBuffer();
  readonly #unanswered = new Set<RequestId>();
  #inputEnded = false;
  #closed = false;

  constructor(input: Readable, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  async start(): Promise<void> {
    this.#input.on("data", this.#onData);
    this.#input.on("error", this.#onError);
    this.#input.on("end", this.#onEnd);
    this.#input.on("close", this.#onEnd);
    // A client that is gone can't be answered.
    this.#output.on("error", this.#onOutputError);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      if (this.#output.write(serializeMessage(message))) resolve();
      else this.#output.once("drain", resolve).once("close", resolve);
    });
    if (!isJSONRPCResultResponse(message) && !isJSONRPCErrorResponse(message)) return;
    if (message.id !== undefined) this.#unanswered.delete(message.id);
    this.#closeWhenAnswered();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#input.off("data", this.#onData);
    this.#input.off("end", this.#onEnd);
    this.#input.off("close", this.#onEnd);
    this.#input.pause();
    this.#buffer.clear();
    this.onclose?.();
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#buffer.append(chunk);
    } catch (error) {
      // A message beyond all bounds: what follows can't be told apart any more.
      this.#onError(error);
      void this.close();
      return;
    }
    for (let message = this.#read(); message !== null; message = this.#read()) this.#receive(message);
  };

  readonly #onError = (error: unknown): void => {
    this.onerror?.(error instanceof Error ? error : new Error(String(error)));
  };

  readonly #onOutputError = (error: Error): void => {
    this.#onError(error);
    void this.close();
  };

  readonly #onEnd = (): void => {
    this.#inputEnded = true;
    this.#closeWhenAnswered();
  };

  /** The next message; lines that are none are reported and passed over. */
  #read(): JSONRPCMessage | null {
    for (;;) {
      try {
        return this.#buffer.readMessage();
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  #receive(message: JSONRPCMessage): void {
    if (isJSONRPCRequest(message)) this.#unanswered.add(message.id);
    if (isJSONRPCNotification(message) && message.method === "notifications/cancelled")
      this.#forget(message.params?.["requestId"]);
    this.onmessage?.(message);
  }

  /** A cancelled request gets no answer. */
  #forget(id: unknown): void {
    if (typeof id !== "string" && typeof id !== "number") return;
    this.#unanswered.delete(id);
    this.#closeWhenAnswered();
  }

  #closeWhenAnswered(): void {
    if (this.#inputEnded && this.#unanswered.size === 0) void this.close();
  }
}
