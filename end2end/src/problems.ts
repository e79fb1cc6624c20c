// Console messages and exceptions of a browser.

import type { BrowserContext } from "@playwright/test";

/** Errors and warnings in the consoles of the server's pages, and exceptions that nobody caught. */
export class Problems {
  readonly #seen: string[] = [];
  // Each container that comes or goes changes this machine's network, and Chromium then drops what
  // is on its way; the page asks again.
  readonly #expected: RegExp[] = [/net::ERR_NETWORK_CHANGED/];

  constructor(context: BrowserContext, origin: string) {
    // Pages of apps are in this browser too; what they complain about is theirs.
    const isOurs = (url?: string) => url?.startsWith(origin) ?? false;
    context.on("console", (message) => {
      const loud = message.type() === "error" || message.type() === "warning";
      if (loud && isOurs(message.page()?.url())) {
        this.#seen.push(`${message.text()} (${message.location().url})`);
      }
    });
    context.on("weberror", (error) => {
      if (isOurs(error.page()?.url())) {
        const { message, stack } = error.error();
        this.#seen.push(`${stack ?? message} (${error.page()?.url()})`);
      }
    });
  }

  /** Expects these from now on, for example because the test stops the server. */
  expect(...patterns: RegExp[]): void {
    this.#expected.push(...patterns);
  }

  /** Returns the unexpected ones. */
  unexpected(): string[] {
    return this.#seen.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
  }
}
