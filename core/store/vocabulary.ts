/** Words that the store shares with the contract; named here because the store imports nothing above it. */
export type SettableState =
  | "available"
  | "busy"
  | "do-not-disturb"
  | "away"
  | "be-right-back"
  | "in-a-meeting"
  | "on-the-phone"
  | "invisible";
export type PrivacyRule = "allow" | "basic" | "appear-offline" | "block" | "ask";
export type MessageStatus = "queued" | "sent" | "stored" | "delivered" | "displayed" | "failed";
