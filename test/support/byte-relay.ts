/** A wire between a client and a gateway that tells what passes, so that a test can cut at one exact moment. */
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { onTestFinished } from "vitest";

/** `up` goes to the gateway, `down` to the client. */
export type Direction = "up" | "down";

export interface ByteRelay {
  readonly port: number;
  /** Called with each chunk before it goes on; a chunk for which it returns true is lost, with its connection. */
  passes: (direction: Direction, length: number) => boolean;
}

/** Listens on a free loopback port and carries every connection on to `target`. Ends with the test. */
export async function byteRelay(target: number): Promise<ByteRelay> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    carry(near, far, "up");
    carry(far, near, "down");
  });
  const carry = (from: Socket, to: Socket, direction: Direction): void => {
    open.add(from);
    from.setNoDelay(true);
    from.on("data", (chunk: Buffer) => {
      if (relay.passes(direction, chunk.length)) from.destroy();
      else if (!to.destroyed) to.write(chunk);
    });
    from.on("error", () => undefined);
    from.once("close", () => {
      open.delete(from);
      to.destroy();
    });
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const address = server.address();
  const relay: ByteRelay = {
    port: typeof address === "object" && address !== null ? address.port : 0,
    passes: () => false,
  };
  return relay;
}
