// Transfer size of a page.

import type { Page } from "@playwright/test";

/** The bytes that one page transferred. */
export interface Weight {
  /** Bytes of all responses as sent: compressed, with headers. */
  bytes: number;
  /** Size of each file, by address. */
  files: Map<string, number>;
}

/** Opens a page with an empty cache and measures everything that it loads. */
export async function weigh(page: Page, open: () => Promise<void>): Promise<Weight> {
  const files = new Map<string, number>();
  const urls = new Map<string, string>();
  const session = await page.context().newCDPSession(page);
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    urls.set(requestId, new URL(request.url).pathname);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId);
    if (url) files.set(url, (files.get(url) ?? 0) + encodedDataLength);
  });
  await session.send("Network.enable");
  await session.send("Network.clearBrowserCache");
  await open();
  await page.waitForLoadState("networkidle");
  await session.detach();
  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0);
  return { bytes, files };
}
