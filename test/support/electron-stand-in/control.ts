/** The line between the stand-in's process and the test that started it. */

export type Report =
  /** The window has drawn its page; its Chromium can be driven at the endpoint. */
  | { readonly kind: "window"; readonly endpoint: string }
  | { readonly kind: "focused" }
  | { readonly kind: "opened-outside"; readonly address: string }
  | { readonly kind: "error-box"; readonly title: string; readonly content: string }
  /** A page asked the network for something. */
  | { readonly kind: "network"; readonly address: string };

export interface Order {
  readonly do: "resume";
}

export function report(what: Report): void {
  process.send?.(what);
}

export function onOrder(obey: (order: Order) => void): void {
  process.on("message", (order) => obey(order as Order));
  // Nobody drives us any more.
  process.once("disconnect", () => process.exit(1));
}
