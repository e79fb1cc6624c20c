// The test that all files use: its own server, and a browser in which nothing may go wrong quietly.

import { test as base, expect } from "@playwright/test";

import type { Kind } from "./database.ts";
import { Line } from "./line.ts";
import { Person } from "./person.ts";
import { freePort } from "./port.ts";
import { Problems } from "./problems.ts";
import { Server } from "./server.ts";

/** What a project chooses. */
export interface Options {
  /** Which database the server keeps its data in. */
  database: Kind;
}

interface Fixtures {
  /** The line between the browser and the server. */
  line: Line;
  /** A server that nobody has set up yet. */
  server: Server;
  /** What the browser complained about. */
  problems: Problems;
  /** Who sits before the browser. */
  person: Person;
}

interface Prepared {
  prepared: { line: Line; server: Server };
}

export const test = base.extend<Options & Fixtures & Prepared>({
  database: ["sqlite", { option: true }],

  prepared: async ({ database }, use, testInfo) => {
    const port = await freePort();
    const server = await Server.prepare(database, port);
    const line = await Line.lay(port, () => server.port);
    try {
      await server.start();
      await use({ line, server });
    } finally {
      await server.stop();
      const faults = server.faults();
      if (testInfo.status !== testInfo.expectedStatus || faults.length > 0) {
        await testInfo.attach("berthd", { body: server.log, contentType: "text/plain" });
      }
      await line.remove();
      await server.remove();
      expect(faults, "what the server did wrong").toEqual([]);
    }
  },
  line: async ({ prepared }, use) => use(prepared.line),
  server: async ({ prepared }, use) => use(prepared.server),
  baseURL: async ({ server }, use) => use(server.url),

  problems: [
    async ({ context, server }, use) => {
      const problems = new Problems(context, server.url);
      await use(problems);
      expect(problems.unexpected(), "what the browser complained about").toEqual([]);
    },
    { auto: true },
  ],

  person: async ({ page, server, javaScriptEnabled }, use) =>
    use(new Person(page, server, javaScriptEnabled)),
});

export { expect };
