/** Who may import whom, as a whitelist: an import that no line allows is an error. */
const own = (folder) => ({ from: { path: `^(${folder})/` }, to: { path: "^$1/" } });
const may = (from, ...to) => ({ from: { path: `^${from}` }, to: { path: `^(?:${to.join("|")})` } });
const NODE = (...names) => `(?:node:)?(?:${names.join("|")})(?:/|$)`;
const PACKAGE = (...names) => `(?:node_modules/)?(?:${names.join("|")})(?:/|$)`;

module.exports = {
  allowedSeverity: "error",
  allowed: [
    own("core/(?:platform|payload|certificates|bridge|client|user-agent|server|store|cli|web|xcap-client)"),
    own("core/sip/[a-z]+|electron|renderer"),
    may("core/", "core/platform/"),
    may("core/platform/", NODE("fs", "path", "os", "crypto", "timers"), PACKAGE("pino")),
    may("core/payload/", PACKAGE("saxes")),
    may("core/certificates/", NODE("crypto", "net", "tls"), PACKAGE("pkijs", "asn1js")),
    may("core/sip/transport/", "core/sip/message/", NODE("net", "tls", "dgram", "dns", "stream")),
    may("core/sip/transaction/", "core/sip/(?:message|transport)/"),
    may("core/sip/dialog/", "core/sip/message/"),
    may("core/sip/event/", "core/sip/(?:message|transaction|dialog)/"),
    may("core/sip/digest[.]ts$", NODE("crypto")),
    may("core/sip/[a-z]+[.]ts$", "core/sip/"),
    may("core/store/", "core/bridge/contract[.]ts$"),
    may("core/store/sqlite/", PACKAGE("better-sqlite3"), NODE("fs", "path")),
    may("core/xcap-client/", "core/sip/digest[.]ts$", NODE("http", "stream")),
    may("core/user-agent/", "core/sip/", "core/payload/", "core/certificates/", "core/xcap-client/", NODE("tls", "stream")),
    may("core/server/", "core/sip/", "core/payload/", "core/certificates/", "core/store/(?:store|errors)[.]ts$", NODE("http", "net", "os", "zlib")),
    may("core/client/", "core/user-agent/", "core/payload/", "core/xcap-client/", "core/sip/address[.]ts$", "core/store/store[.]ts$", "core/bridge/contract[.]ts$"),
    may("core/bridge/contract[.]ts$", PACKAGE("zod")),
    may("core/bridge/serve[.]ts$", "core/client/"),
    may("core/(?:compose|compose-office|embedded-gateway|index)[.]ts$", "core/(?!cli/|web/)", NODE("os", "path")),
    may("core/cli/", "core/index[.]ts$", "core/bridge/contract[.]ts$", NODE("fs", "path", "os", "net", "crypto", "util", "readline", "child_process", "url")),
    may("core/web/", "core/index[.]ts$", "core/bridge/contract[.]ts$", NODE("fs", "path", "os", "http", "net", "crypto", "util", "child_process", "url"), PACKAGE("ws")),
    may("electron/(?!preload)", "core/index[.]ts$", "core/bridge/contract[.]ts$", PACKAGE("electron"), NODE("fs", "path", "os", "url", "crypto")),
    may("electron/preload[.]ts$", "core/bridge/contract[.]ts$", PACKAGE("electron")),
    may("renderer/", "core/bridge/contract[.]ts$", "assets/", PACKAGE("react", "react-dom", "@base-ui", "react-virtuoso", "react-intl", "zustand", "linkifyjs", "vite", "@vitejs", "@types"), NODE("path", "url", "fs")),
  ],
  forbidden: [
    { name: "no-cycle", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    { name: "nobody-imports-tests", severity: "error", from: { path: "^(core|electron|renderer)/" }, to: { path: "^test/" } },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(out|dist)/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "node", "default"] },
  },
};
