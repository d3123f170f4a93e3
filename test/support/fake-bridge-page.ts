import type { FakeBridge, FakeOptions } from "./fake-bridge.ts";
import { createFakeBridge } from "./fake-bridge.ts";

/** Bundled into one script that runs before the page's own: the window finds a host, and tests find the fake. */
const page = globalThis as { hallway?: FakeBridge; fakeOptions?: FakeOptions };
page.hallway = createFakeBridge(page.fakeOptions);
