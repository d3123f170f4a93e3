/** What the router needs of an event package (RFC 6665 §7): who may subscribe, and what they are told. */
import type { Additions, NotifyBody, Subscription } from "../sip/event/notifier.ts";
import type { SipRequest } from "../sip/message/message.ts";

/** What a package makes of a first SUBSCRIBE. */
export type Admission =
  | {
      readonly state: Subscription["state"];
      /** Kept with the subscription for the package alone. */
      readonly detail?: string;
    }
  | { readonly status: number; readonly reason?: string; readonly headers?: readonly (readonly [string, string])[] };

export interface EventPackage {
  /** Whose resource a URI is that names nobody of the office, such as a list's; nothing when it is none. */
  resourceOf?(uri: string, watcher: string): string | undefined;
  /** Judges a first SUBSCRIBE of a proven watcher; `resource` is somebody of the office. */
  admit(event: string, resource: string, watcher: string, request: SipRequest): Admission;
  /** A subscription began. Polls do not. */
  subscribed?(subscription: Subscription): void;
  /** A SUBSCRIBE inside the dialog: the next NOTIFY tells everything. Returns the detail to keep from now on. */
  refreshed?(subscription: Subscription, request: SipRequest): string | undefined;
  /** Whether the watcher has the state of this name already, and needs no NOTIFY (RFC 5839 §5.2). */
  isKnown?(subscription: Subscription, etag: string): boolean;
  ended?(subscription: Subscription): void;
  /** What the next NOTIFY says; nothing for one without a body. */
  render(subscription: Subscription): NotifyBody | undefined;
  /** What 200 and NOTIFY say besides. */
  additions?(subscription: Subscription): Additions;
}
