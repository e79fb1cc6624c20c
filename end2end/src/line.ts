// The line between a browser and the server, which can be cut.

import { once } from "node:events";
import { type Server, type Socket, connect, createServer } from "node:net";

/** Passes on what comes to one port to another one, as long as it is whole. */
export class Line {
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  #whole = true;

  private constructor(to: () => number) {
    this.#listener = createServer((near) => {
      if (!this.#whole) {
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

  /** Begins to pass on from a port to the one that is asked for at each connection. */
  static async lay(from: number, to: () => number, address = "127.0.0.1"): Promise<Line> {
    const line = new Line(to);
    line.#listener.listen(from, address);
    await once(line.#listener, "listening");
    return line;
  }

  /** Ends every connection, and lets none through until it is mended. */
  cut(): void {
    this.#whole = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Lets connections through again. */
  mend(): void {
    this.#whole = true;
  }

  /** Takes it away. */
  async remove(): Promise<void> {
    this.cut();
    this.#listener.close();
    await once(this.#listener, "close");
  }
}
