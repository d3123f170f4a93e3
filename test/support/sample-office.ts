import type {
  Contact,
  Conversation,
  GatewayStatus,
  Message,
  Presence,
  PresenceState,
  Rule,
  Settings,
  Snapshot,
  Watcher,
} from "../../core/bridge/contract.ts";

/** The moment at which all pictures and view tests happen: a Thursday. */
export const SAMPLE_NOW = "2026-11-19T14:06:30.000Z";
export const ME = "nora.weidmann@acme.example";

const MINUTE = 60_000;

/** A time of the sample day, or so many days before it. */
function at(clock: string, daysBefore = 0): string {
  const day = new Date(Date.parse(SAMPLE_NOW) - daysBefore * 24 * 60 * MINUTE).toISOString().slice(0, 10);
  return `${day}T${clock}:00.000Z`;
}

interface Person {
  readonly address: string;
  readonly name?: string;
  readonly groups?: readonly string[];
  readonly favourite?: boolean;
  readonly state: PresenceState;
  readonly note?: string;
  readonly since?: string;
  readonly until?: string;
  readonly devices?: readonly string[];
  readonly reason?: string;
}

const people: readonly Person[] = [
  {
    address: "tomas.ferreira@acme.example",
    name: "Tomás Ferreira",
    favourite: true,
    state: "available",
    since: at("13:54"),
    note: "Trade fair week: I read messages before I pick up the phone. For stand and badges ask Trần Minh Châu, for the stage ask Andriy, for everything else ask me.",
    devices: ["laptop", "Room Alster"],
  },
  {
    address: "ingrid.solberg@acme.example",
    name: "Ingrid Solberg",
    favourite: true,
    state: "in-a-meeting",
    until: at("14:30"),
    note: "calendar",
  },
  {
    address: "kavya.menon@acme.example",
    name: "Kavya Menon",
    favourite: true,
    state: "on-the-phone",
    since: at("14:00"),
  },
  { address: "minh.chau@acme.example", name: "Trần Minh Châu", favourite: true, state: "be-right-back", note: "tea" },
  {
    address: "siobhan.odalaigh@acme.example",
    name: "Siobhán Ó Dálaigh",
    groups: ["Accounts"],
    state: "available",
    note: "on the train",
  },
  {
    address: "andriy.melnyk@acme.example",
    name: "Andriy Melnyk",
    groups: ["Accounts"],
    state: "busy",
    until: at("15:00"),
    note: "quarter closing, no calls before it is done",
  },
  {
    address: "ines.castano@acme.example",
    name: "Inés Castaño",
    groups: ["Accounts"],
    state: "do-not-disturb",
    until: at("16:00"),
  },
  {
    address: "yael.barlev@acme.example",
    name: "יעל בר־לב",
    groups: ["Accounts"],
    state: "available",
    note: "16:06 here",
  },
  {
    address: "konstantin.hohenstein@acme.example",
    name: "Konstantin Graf von Hohenstein-Wackerbarth",
    groups: ["Accounts"],
    state: "away",
    since: at("13:41"),
  },
  {
    address: "tama.parata@acme.example",
    name: "Tama Parata",
    groups: ["Accounts"],
    state: "offline",
    note: "back on Monday",
    since: at("16:58", 1),
  },
  {
    address: "ruth.ashdown@globex.example",
    name: "Ruth Ashdown",
    groups: ["Outside"],
    state: "available",
    note: "globex.example",
  },
  {
    address: "diego.salvatierra@globex.example",
    name: "Diego Salvatierra",
    groups: ["Outside"],
    state: "pending",
    since: at("09:40"),
  },
  {
    address: "lin.xiaoyu@initech.example",
    name: "Lin Xiaoyu",
    groups: ["Outside"],
    state: "unreachable",
    since: at("13:51"),
  },
  {
    address: "emeka.obi@initech.example",
    name: "Emeka Obi",
    groups: ["Outside"],
    state: "connection-lost",
    since: at("14:04"),
  },
  { address: "bo@globex.example", groups: ["Outside"], state: "unknown-address" },
  { address: "freya.holm@acme.example", name: "Freya Holm", state: "available" },
  { address: "jarek.nowak@acme.example", name: "Jarek Nowak", state: "away", since: at("12:20") },
];

function contactOf(person: Person): Contact {
  return {
    account: ME,
    address: person.address,
    groups: person.groups ?? [],
    favourite: person.favourite ?? false,
    ...(person.name === undefined ? {} : { name: person.name }),
  };
}

function presenceOf(person: Person): Presence {
  const { address, state, note, since, until, devices, reason } = person;
  return {
    account: ME,
    address,
    state,
    source: "subscription",
    ...(note === undefined ? {} : { note }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(devices === undefined ? {} : { devices }),
    ...(reason === undefined ? {} : { reason }),
  };
}

type Line = readonly [clock: string, who: "me" | "them", text: string, status?: Message["status"], reason?: string];

function talk(address: string, daysBefore: number, lines: readonly Line[]): Message[] {
  return lines.map(([clock, who, text, status, reason], index) => ({
    account: ME,
    messageId: `${address}/${daysBefore}/${index}`,
    with: address,
    from: who === "me" ? ME : address,
    text,
    sentAt: at(clock, daysBefore),
    receivedAt: at(clock, daysBefore),
    outgoing: who === "me",
    ...(status === undefined ? {} : { status }),
    ...(reason === undefined ? {} : { reason }),
  }));
}

const TOMAS = "tomas.ferreira@acme.example";
const KAVYA = "kavya.menon@acme.example";
const YAEL = "yael.barlev@acme.example";

/** Every conversation whole, oldest first. */
export const sampleMessages: readonly Message[] = [
  ...talk(TOMAS, 1, [
    ["16:31", "them", "The proof is back from print. Page 7 still has the old telephone number."],
    ["16:40", "me", "I send them the correction tonight.", "displayed"],
  ]),
  ...talk(TOMAS, 0, [
    [
      "13:38",
      "them",
      "Numbers for Thursday: 214 have registered, 31 of them from globex. The kitchen wants a final figure by five.",
    ],
    ["13:39", "them", "Here is the sheet: https://files.acme.example/q4/registrations"],
    ["13:46", "me", "Then order for 230. Somebody always brings somebody.", "displayed"],
    [
      "13:47",
      "me",
      "Could you ask Ingrid whether Room Alster really takes that many? Last year people stood in the door.",
      "displayed",
    ],
    ["14:01", "them", "She is in a meeting until half past, I left a message. The plan on the wall says 180."],
    ["14:02", "them", "So either two sittings or the canteen."],
    ["14:05", "me", "The canteen. I book it for both days.", "delivered"],
    [
      "14:06",
      "me",
      "And the projector from Room Isar, it is the only one that starts by itself.",
      "failed",
      "Your office’s server did not answer.",
    ],
  ]),
  ...talk(KAVYA, 0, [
    ["13:58", "them", "Can you take the call with the carrier at three?"],
    ["13:59", "them", "I am stuck in this one."],
  ]),
  ...talk(YAEL, 0, [
    ["13:20", "them", "היי נורה, קיבלתי את החשבונית של Globex."],
    ["13:21", "them", "יש הפרש של 12 אירו בין ההזמנה לחשבונית. לאשר בכל זאת?"],
    [
      "13:34",
      "me",
      "Yes, below 20 euros always approve. Please put the order number 4500-118 into the comment.",
      "displayed",
    ],
    ["13:58", "them", "מאושר. מספר ההזמנה 4500-118 רשום בהערה."],
    [
      "14:02",
      "me",
      "Perfect. Could you send me the sheet for November as well? I need it for the board on Thursday.",
      "sent",
    ],
  ]),
];

function conversationOf(address: string, unread: number): Conversation {
  const last = sampleMessages.findLast((message) => message.with === address);
  return {
    account: ME,
    with: address,
    unread,
    ...(last === undefined ? {} : { lastAt: last.receivedAt, lastText: last.text }),
  };
}

const rules: readonly Rule[] = [
  { account: ME, target: "@acme.example", rule: "allow" },
  { account: ME, target: "*", rule: "ask" },
  { account: ME, target: "@globex.example", rule: "basic" },
  { account: ME, target: "ruth.ashdown@globex.example", rule: "allow" },
  { account: ME, target: "emeka.obi@initech.example", rule: "appear-offline" },
  { account: ME, target: "sales@cold-calls.example", rule: "block" },
];

const watchers: readonly Watcher[] = [
  { account: ME, address: TOMAS, status: "active", since: at("08:12") },
  { account: ME, address: "ruth.ashdown@globex.example", status: "active", since: at("09:30") },
  { account: ME, address: "emeka.obi@initech.example", status: "active", since: at("09:41") },
  { account: ME, address: "diego.salvatierra@globex.example", status: "pending", since: at("09:40") },
  { account: ME, address: "helpdesk@acme-support.example", status: "pending", since: at("23:12", 1) },
];

const gateway: GatewayStatus = {
  running: true,
  domain: "acme.example",
  listening: ["tls:0.0.0.0:5061", "tcp:0.0.0.0:5060"],
  fingerprint: "sha256:9f310c5b77e248d1a603bc5914ee82603df7952ac8417eb3066dd950af18e42b",
  people: [
    { address: ME, name: "Nora Weidmann", online: true },
    { address: TOMAS, name: "Tomás Ferreira", online: true },
    { address: "tama.parata@acme.example", name: "Tama Parata", online: false },
  ],
};

export const sampleSettings: Settings = {
  theme: "system",
  language: "en",
  density: "comfortable",
  enterSends: true,
  sendReceipts: true,
  sendTyping: true,
};

/** An ordinary afternoon in an office of seventeen. */
export function officeSnapshot(): Snapshot {
  return {
    accounts: [{ account: ME, state: "registered", since: at("08:02") }],
    contacts: people.map(contactOf),
    presence: people.map(presenceOf),
    own: [
      {
        account: ME,
        state: "available",
        until: at("17:30"),
        note: "Packing for Porto today, call me before 16:00",
        published: true,
      },
    ],
    rules,
    watchers,
    conversations: [conversationOf(TOMAS, 0), conversationOf(KAVYA, 2), conversationOf(YAEL, 0)],
    settings: sampleSettings,
    gateway,
  };
}

/** Nobody has signed in yet. */
export function emptySnapshot(): Snapshot {
  return {
    accounts: [],
    contacts: [],
    presence: [],
    own: [],
    rules: [],
    watchers: [],
    conversations: [],
    settings: sampleSettings,
    gateway: { running: false },
  };
}

/** The office after its server went away at 14:06. */
export function lostSnapshot(): Snapshot {
  return {
    ...officeSnapshot(),
    accounts: [
      {
        account: ME,
        state: "registering",
        since: at("14:06"),
        code: "server-unreachable",
        reason: "The server does not answer.",
      },
    ],
  };
}

const states: readonly PresenceState[] = ["available", "busy", "away", "in-a-meeting", "offline", "on-the-phone"];

/** A large office: so many contacts in ten groups. */
export function crowdSnapshot(count: number): Snapshot {
  const crowd = Array.from({ length: count }, (_, index): Person => ({
    address: `person${index}@acme.example`,
    name: `Person ${String(index).padStart(5, "0")}`,
    groups: [`Floor ${index % 10}`],
    state: states[index % states.length] ?? "available",
    since: at("13:00"),
  }));
  return { ...officeSnapshot(), contacts: crowd.map(contactOf), presence: crowd.map(presenceOf), watchers: [] };
}

/** Names, notes and messages that try to be more than text. */
export const HOSTILE = {
  script: "<script>window.breached = true</script>",
  image: "<img src=x onerror='window.breached = true'>",
  link: "javascript:window.breached=true",
  override: "safe\u202Egpj.exe",
} as const;

export function hostileSnapshot(): Snapshot {
  const office = officeSnapshot();
  const texts = Object.values(HOSTILE);
  const hostile = texts.map((text, index): Person => ({
    address: `mallory${index}@evil.example`,
    name: text,
    groups: [text],
    state: "available",
    note: text,
  }));
  return { ...office, contacts: hostile.map(contactOf), presence: hostile.map(presenceOf), conversations: [] };
}

export function hostileMessages(): Message[] {
  const lines = Object.values(HOSTILE).map((text): Line => [
    "14:00",
    "them",
    `${text} data:text/html,x vbscript:x file:///etc/passwd https://ok.example/`,
  ]);
  return talk("mallory0@evil.example", 0, lines);
}
