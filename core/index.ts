/** The only door of the core for hosts. */
export { composeProfile, openOffice, ownFolder, parseListeners, startGateway } from "./compose.ts";
export type { Ports, ProfileHost, RunningGateway } from "./compose.ts";
export type { ServedBridge } from "./bridge/serve.ts";
export { systemClock } from "./platform/clock.ts";
export type { PrivateFiles } from "./platform/files.ts";
export { privateFiles } from "./platform/files.ts";
export type { LogLevel } from "./platform/log.ts";
export { jsonLog, silentLog } from "./platform/log.ts";
export { systemRandom } from "./platform/random.ts";
export type { Secrets } from "./platform/secrets.ts";
export { fileSecrets } from "./platform/secrets.ts";
export { PRODUCT } from "./product.ts";
export { OfficeAdministration } from "./server/administration.ts";
export type { NewAccount } from "./server/accounts.ts";
export { systemDns } from "./sip/transport/dns.ts";
export { systemNetwork } from "./sip/transport/system-network.ts";
export { StoreError } from "./store/errors.ts";
export type { GatewayStore } from "./store/store.ts";
