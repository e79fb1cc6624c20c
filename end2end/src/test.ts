// The base of all tests: a server of its own, and a browser whose errors fail the test.

import { test as base, expect } from "@playwright/test";

import type { Kind } from "./database.ts";
import { FaultyProxy } from "./faulty-proxy.ts";
import { Person } from "./person.ts";
import { freePort } from "./port.ts";
import { Problems } from "./problems.ts";
import { Server } from "./server.ts";

/** Options of a project. */
export interface Options {
  /** The kind of database. */
  database: Kind;
}

interface Fixtures {
  /** The proxy between the browser and the server. */
  connection: FaultyProxy;
  /** A server before its set-up. */
  server: Server;
  /** Problems that the browser reported. */
  problems: Problems;
  /** The person at the browser. */
  person: Person;
}

interface Prepared {
  prepared: { connection: FaultyProxy; server: Server };
}

export const test = base.extend<Options & Fixtures & Prepared>({
  database: ["sqlite", { option: true }],

  prepared: async ({ database }, use, testInfo) => {
    const port = await freePort();
    const server = await Server.prepare(database, port);
    const connection = await FaultyProxy.start(port, () => server.port);
    try {
      await server.start();
      await use({ connection, server });
    } finally {
      await server.stop();
      const faults = server.faults();
      if (testInfo.status !== testInfo.expectedStatus || faults.length > 0) {
        await testInfo.attach("berthd", { body: server.log, contentType: "text/plain" });
      }
      await connection.remove();
      await server.remove();
      expect(faults, "faults of the server").toEqual([]);
    }
  },
  connection: async ({ prepared }, use) => use(prepared.connection),
  server: async ({ prepared }, use) => use(prepared.server),
  baseURL: async ({ server }, use) => use(server.url),

  problems: [
    async ({ context, server }, use) => {
      const problems = new Problems(context, server.url);
      await use(problems);
      expect(problems.unexpected(), "problems that the browser reported").toEqual([]);
    },
    { auto: true },
  ],

  person: async ({ page, server, javaScriptEnabled }, use) =>
    use(new Person(page, server, javaScriptEnabled)),
});

export { expect };
