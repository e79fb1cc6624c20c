// A proxy between a client and the server, whose connections a test can cut.

import { once } from "node:events";
import { type Server, type Socket, connect, createServer } from "node:net";

/** Forwards connections from one port to another, unless it is cut. */
export class FaultyProxy {
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  #open = true;

  private constructor(to: () => number) {
    this.#listener = createServer((near) => {
      if (!this.#open) {
        near.destroy();
        return;
      }
      const far = connect(to(), "127.0.0.1");
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.pipe(other);
        socket.on("error", () => other.destroy());
        socket.on("close", () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
    });
  }

  /** Listens on a port; reads the target port anew for each connection. */
  static async start(from: number, to: () => number, address = "127.0.0.1"): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(to);
    proxy.#listener.listen(from, address);
    await once(proxy.#listener, "listening");
    return proxy;
  }

  /** Ends every connection, and refuses new ones until it is restored. */
  cut(): void {
    this.#open = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Lets connections through again. */
  restore(): void {
    this.#open = true;
  }

  /** Stops listening. */
  async remove(): Promise<void> {
    this.cut();
    this.#listener.close();
    await once(this.#listener, "close");
  }
}
