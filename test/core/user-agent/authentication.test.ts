import { describe, expect, test } from "vitest";
import { digestAlgorithm, digestResponse, ha1, parseCredentials } from "../../../core/sip/digest.ts";
import { cseq } from "../../../core/sip/message/fields.ts";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import { request, responseTo } from "../../../core/sip/message/message.ts";
import type { Flow } from "../../../core/sip/transport/flow.ts";
import type { Outcome } from "../../../core/sip/stack.ts";
import { AuthenticatedSender } from "../../../core/user-agent/authentication.ts";
import { seededRandom } from "../../support/seeded-random.ts";

const PASSWORD = "correct horse";

function outgoing(method = "REGISTER"): SipRequest {
  return request(method, "sip:office.example", [
    ["Via", "SIP/2.0/TCP a.example;branch=z9hG4bK1"],
    ["From", "<sip:alice@office.example>;tag=a"],
    ["To", "<sip:alice@office.example>"],
    ["Call-ID", "one"],
    ["CSeq", `1 ${method}`],
  ]);
}

/** Answers each request as the script says; the last answer stays. */
function sender(...script: ((sent: SipRequest) => Outcome)[]) {
  const sent: SipRequest[] = [];
  const identity = { domain: "office.example", username: "alice", password: PASSWORD };
  const made = new AuthenticatedSender(identity, seededRandom(), async (one) => {
    sent.push(one);
    const answer = script.length > 1 ? script.shift() : script[0];
    return answer ? answer(one) : { kind: "timeout" };
  });
  return { sender: made, sent };
}

const answer =
  (status: number, headers: readonly (readonly [string, string])[] = []) =>
  (sent: SipRequest): Outcome => ({
    kind: "response",
    response: responseTo(sent, status, { headers }),
    flow: {} as Flow,
  });

const challenge = (nonce: string, rest = "", realm = "office.example") =>
  answer(401, [
    ["WWW-Authenticate", `Digest realm="${realm}", nonce="${nonce}", algorithm=SHA-256, qop="auth"${rest}`],
  ]);

/** The credentials in a request, and whether they prove the password. */
function proof(sent: SipRequest | undefined, header = "authorization") {
  const credentials = parseCredentials(sent?.headers.get(header) ?? "");
  const algorithm = digestAlgorithm(credentials?.algorithm ?? "");
  if (!sent || !credentials || !algorithm) return undefined;
  const { realm, nonce, uri, nc, cnonce, qop, response } = credentials;
  const secret = ha1(algorithm, "alice", realm, PASSWORD);
  const shared = { algorithm, ha1: secret, method: sent.method, uri, nonce };
  const expected = digestResponse({ ...shared, ...(nc && { nc }), ...(cnonce && { cnonce }), ...(qop && { qop }) });
  return { algorithm, nonce, nc, right: response === expected };
}

describe("a challenge", () => {
  test("is answered with the next CSeq and everything else as it was", async () => {
    const { sender: it, sent } = sender(challenge("n1"), answer(200));
    const { outcome, request: last, rejected } = await it.send(outgoing());
    expect(outcome).toMatchObject({ response: { status: 200 } });
    expect(rejected).toBe(false);
    expect(sent).toHaveLength(2);
    expect(cseq(last)?.number).toBe(2);
    expect(last.headers.get("call-id")).toBe("one");
    expect(proof(last)).toMatchObject({ nonce: "n1", nc: "00000001", right: true });
  });

  test("is remembered: the next request proves the password at once, with the next count", async () => {
    const { sender: it, sent } = sender(challenge("n1"), answer(200));
    await it.send(outgoing());
    await it.send(outgoing("PUBLISH"));
    expect(sent).toHaveLength(3);
    expect(proof(sent[2])).toMatchObject({ nonce: "n1", nc: "00000002", right: true });
  });

  test("by a proxy is answered in its own header", async () => {
    const value = 'Digest realm="office.example", nonce="p", algorithm=SHA-256, qop="auth"';
    const { sender: it, sent } = sender(answer(407, [["Proxy-Authenticate", value]]), answer(200));
    await it.send(outgoing("MESSAGE"));
    expect(proof(sent[1], "proxy-authorization")?.right).toBe(true);
    expect(sent[1]?.headers.has("authorization")).toBe(false);
  });

  test("is answered by the first algorithm of the server that we know", async () => {
    const line = (algorithm: string) =>
      [
        "WWW-Authenticate",
        `Digest realm="office.example", nonce="${algorithm}", algorithm=${algorithm}, qop="auth"`,
      ] as const;
    const { sender: it, sent } = sender(answer(401, [line("SHA-999"), line("SHA-256"), line("MD5")]), answer(200));
    await it.send(outgoing());
    expect(proof(sent[1])).toMatchObject({ algorithm: "SHA-256", right: true });
  });

  test("without qop, as RFC 2069 has it, is answered too", async () => {
    const { sender: it, sent } = sender(
      answer(401, [["WWW-Authenticate", 'Digest realm="office.example", nonce="old"']]),
      answer(200),
    );
    await it.send(outgoing());
    expect(proof(sent[1])).toMatchObject({ algorithm: "MD5", nc: undefined, right: true });
  });

  test("of an algorithm that we do not know is no wrong password", async () => {
    const { sender: it, sent } = sender(
      answer(401, [["WWW-Authenticate", 'Digest realm="office.example", nonce="x", algorithm=SHA-999']]),
    );
    expect((await it.send(outgoing())).rejected).toBe(false);
    expect(sent).toHaveLength(1);
  });
});

describe("a second challenge", () => {
  test("says that the password is wrong", async () => {
    const { sender: it, sent } = sender(challenge("n1"), challenge("n2"));
    const { outcome, rejected } = await it.send(outgoing());
    expect(rejected).toBe(true);
    expect(outcome).toMatchObject({ response: { status: 401 } });
    expect(sent).toHaveLength(2);
  });

  test("because the nonce was stale is answered again, and no third time", async () => {
    const once = sender(challenge("n1"), challenge("n2", ", stale=true"), answer(200));
    expect((await once.sender.send(outgoing())).rejected).toBe(false);
    expect(once.sent).toHaveLength(3);
    const forever = sender(challenge("n1"), challenge("n2", ", stale=true"));
    expect((await forever.sender.send(outgoing())).rejected).toBe(true);
    expect(forever.sent).toHaveLength(3);
  });

  test("after a nonce that served well is a new beginning, not a wrong password", async () => {
    const { sender: it, sent } = sender(challenge("n1"), answer(200), challenge("n2"), answer(200));
    await it.send(outgoing());
    expect((await it.send(outgoing())).rejected).toBe(false);
    expect(sent.map((one) => proof(one)?.nonce)).toEqual([undefined, "n1", "n1", "n2"]);
  });
});

describe("somebody else's challenge", () => {
  test("is not answered: the answer would help to guess the password", async () => {
    const { sender: it, sent } = sender(challenge("evil", "", "elsewhere.example"));
    const { rejected } = await it.send(outgoing("MESSAGE"));
    expect(rejected).toBe(false);
    expect(sent).toHaveLength(1);
  });

  test("is not somebody else's when our server calls itself so as registrar", async () => {
    const { sender: it, sent } = sender(
      challenge("n1", "", "asterisk"),
      answer(200),
      challenge("n2", "", "asterisk"),
      answer(200),
    );
    await it.send(outgoing());
    it.reset();
    await it.send(outgoing("MESSAGE"));
    expect(proof(sent[3])).toMatchObject({ nonce: "n2", right: true });
  });
});

test("after a reset nothing is proved unasked", async () => {
  const { sender: it, sent } = sender(challenge("n1"), answer(200));
  await it.send(outgoing());
  it.reset();
  await it.send(outgoing());
  expect(sent[2]?.headers.has("authorization")).toBe(false);
});

test("what is no challenge is handed on as it is", async () => {
  const { sender: it } = sender(() => ({ kind: "timeout" }));
  expect(await it.send(outgoing())).toMatchObject({ outcome: { kind: "timeout" }, rejected: false });
});
