// Free ports.

import { once } from "node:events";
import { createServer } from "node:net";

// Below the ports that the system gives to outgoing connections and Docker to containers: a server
// that is started again must find its port free.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** A port on loopback that is free now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!free) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}
