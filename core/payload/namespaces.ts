/** The XML namespaces of presence. */
export const NAMESPACE = {
  xml: "http://www.w3.org/XML/1998/namespace",
  pidf: "urn:ietf:params:xml:ns:pidf",
  pidfDiff: "urn:ietf:params:xml:ns:pidf-diff",
  dataModel: "urn:ietf:params:xml:ns:pidf:data-model",
  rpid: "urn:ietf:params:xml:ns:pidf:rpid",
  serviceCapabilities: "urn:ietf:params:xml:ns:pidf:caps",
  watcherInfo: "urn:ietf:params:xml:ns:watcherinfo",
  regInfo: "urn:ietf:params:xml:ns:reginfo",
  gruuInfo: "urn:ietf:params:xml:ns:gruuinfo",
  rlsServices: "urn:ietf:params:xml:ns:rls-services",
  rlmi: "urn:ietf:params:xml:ns:rlmi",
  xcapDiff: "urn:ietf:params:xml:ns:xcap-diff",
  commonPolicy: "urn:ietf:params:xml:ns:common-policy",
  presenceRules: "urn:ietf:params:xml:ns:pres-rules",
  resourceLists: "urn:ietf:params:xml:ns:resource-lists",
  isComposing: "urn:ietf:params:xml:ns:im-iscomposing",
  imdn: "urn:ietf:params:xml:ns:imdn",
  /** What Hallways say to each other beyond the RFCs; others may ignore all of it. */
  hallway: "urn:hallway:presence:1",
} as const;
