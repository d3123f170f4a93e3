import { describe, expect, test } from "vitest";
import type { Challenge, Credentials } from "../../../core/sip/digest.ts";
import {
  chooseChallenge,
  digestAlgorithm,
  digestResponse,
  formatChallenge,
  formatCredentials,
  ha1,
  parseChallenges,
  parseCredentials,
  sameDigest,
} from "../../../core/sip/digest.ts";

describe("RFC 7616 §3.9.1", () => {
  const nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
  const opaque = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS";
  const challenges = ["SHA-256", "MD5"].map(
    (algorithm) =>
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonce}", opaque="${opaque}"`,
  );

  test("its challenges are read", () => {
    const challenge = { realm: "http-auth@example.org", nonce, opaque, qop: ["auth", "auth-int"], stale: false };
    expect(parseChallenges(challenges)).toEqual([
      { ...challenge, algorithm: "SHA-256" },
      { ...challenge, algorithm: "MD5" },
    ]);
  });

  test.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ] as const)("%s", (algorithm, response) => {
    const credentials = parseCredentials(
      `Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=${algorithm}, ` +
        `nonce="${nonce}", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, ` +
        `response="${response}", opaque="${opaque}"`,
    );
    if (!credentials) throw new Error("not read");
    const secret = ha1(algorithm, credentials.username, credentials.realm, "Circle of Life");
    expect(digestResponse({ ...credentials, algorithm, ha1: secret, method: "GET" })).toBe(response);
    expect(credentials.response).toBe(response);
  });
});

describe("RFC 7616 §3.9.2, a name that is not ASCII", () => {
  const response = digestResponse({
    algorithm: "SHA-512-256",
    ha1: ha1("SHA-512-256", "Jäsøn Doe", "api@example.org", "Secret, or not?"),
    method: "GET",
    uri: "/doe.json",
    nonce: "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
    nc: "00000001",
    cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    qop: "auth",
  });

  test("as its erratum gives it", () =>
    expect(response).toBe("3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"));

  test.fails("as printed: that was made with SHA-512 cut short, which is not SHA-512/256", () =>
    expect(response).toBe("ae66e67d6b427bd3f120414a82e4acff38e8ecd9101d6c861229025f607a79dd"));
});

test("RFC 2617 §3.5, with and without quality of protection", () => {
  const secret = ha1("MD5", "Mufasa", "testrealm@host.com", "Circle Of Life");
  expect(secret).toBe("939e7578ed9e3c518a452acee763bce9");
  const input = { algorithm: "MD5", ha1: secret, method: "GET", uri: "/dir/index.html" } as const;
  const nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
  expect(digestResponse({ ...input, nonce, nc: "00000001", cnonce: "0a4f113b", qop: "auth" })).toBe(
    "6629fae49393a05397450978507c4ef1",
  );
  expect(digestResponse({ ...input, nonce })).toBe("670fd8c2df070c60b045671b8b24ff02");
});

test("auth-int covers the body", () => {
  const input = {
    algorithm: "MD5",
    ha1: "0",
    method: "PUT",
    uri: "/",
    nonce: "n",
    nc: "1",
    cnonce: "c",
    qop: "auth-int",
  } as const;
  expect(digestResponse({ ...input, body: Buffer.from("a") })).not.toBe(
    digestResponse({ ...input, body: Buffer.from("b") }),
  );
  expect(digestResponse(input)).toBe(digestResponse({ ...input, body: Buffer.alloc(0) }));
});

describe("challenges", () => {
  test("other schemes and broken ones are left out", () => {
    expect(
      parseChallenges([
        "NoOneKnowsThisScheme opaque-data=here",
        'Basic realm="x"',
        'Digest realm="x"',
        'Digest realm="x", realm="y", nonce="n"',
        'Digest realm="x" nonce="n"',
        'Digest realm="x, nonce="n',
        'DIGEST\tREALM = "x" , nonce=n , Stale=TRUE,',
      ]),
    ).toEqual([{ realm: "x", nonce: "n", algorithm: "MD5", qop: [], stale: true }]);
  });

  test("are written as RFC 7616 quotes them, and read again", () => {
    const challenge: Challenge = {
      realm: 'Büro "Süd"',
      nonce: "n",
      opaque: "",
      algorithm: "SHA-256",
      qop: ["auth"],
      stale: true,
      domain: "sip:b.com",
    };
    const text = formatChallenge(challenge);
    expect(Buffer.from(text, "latin1").toString("utf8")).toBe(
      'Digest realm="Büro \\"Süd\\"", domain="sip:b.com", nonce="n", opaque="", stale=true, algorithm=SHA-256, qop="auth"',
    );
    expect(parseChallenges([text])).toEqual([challenge]);
  });

  const offer = (algorithm: string, qop: readonly string[] = ["auth"]): Challenge => ({
    realm: "r",
    nonce: algorithm,
    algorithm,
    qop,
    stale: false,
  });

  test("the topmost that is allowed is chosen", () => {
    const offers = [offer("SHA-3"), offer("SHA-512-256"), offer("sha-256"), offer("MD5")];
    expect(chooseChallenge(offers, ["MD5", "SHA-256"])?.nonce).toBe("sha-256");
    expect(chooseChallenge(offers, ["MD5", "SHA-256", "SHA-512-256"])?.nonce).toBe("SHA-512-256");
    expect(chooseChallenge([offer("MD5")], ["SHA-256"])).toBeUndefined();
    expect(chooseChallenge([offer("MD5-sess"), offer("MD5", ["auth-int"])], ["MD5"])).toBeUndefined();
    expect(chooseChallenge([offer("MD5", [])], ["MD5"])).toBeDefined();
  });

  test.each([
    ["md5", "MD5"],
    ["SHA-256", "SHA-256"],
    ["sha-512-256", "SHA-512-256"],
    ["MD5-sess", undefined],
    ["constructor", undefined],
  ])("the algorithm %s is %s", (name, algorithm) => expect(digestAlgorithm(name)).toBe(algorithm));
});

describe("credentials", () => {
  const credentials: Credentials = {
    username: "Zoë",
    realm: "biloxi.com",
    nonce: "n\\",
    uri: "sip:bob@biloxi.com",
    response: "6629fae49393a05397450978507c4ef1",
    algorithm: "MD5",
    cnonce: "0a4f113b",
    nc: "00000001",
    qop: "auth",
    opaque: "",
  };

  test("are written as RFC 7616 quotes them, and read again", () => {
    const text = formatCredentials(credentials);
    expect(text).toContain('uri="sip:bob@biloxi.com", response="6629fae49393a05397450978507c4ef1", algorithm=MD5, ');
    expect(text).toMatch(/opaque="", qop=auth, nc=00000001$/);
    expect(parseCredentials(text)).toEqual(credentials);
  });

  test.each([
    ['Digest username="a"'],
    ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="],
    ['Digest username="a", realm="r", nonce="n", uri="u", response="not hex"'],
    ['Digest username="a", realm="r", nonce="n", uri="u", response="00", nc=1'],
    ['Digest username="a", realm="r", nonce="n", uri="u", response="00", username="b"'],
    ["Digest"],
    [""],
  ])("%j is refused", (value) => expect(parseCredentials(value)).toBeUndefined());

  test("a peer's algorithm cannot add parameters", () => {
    expect(() => formatCredentials({ ...credentials, algorithm: 'MD5, username="x"' })).toThrow(TypeError);
  });
});

describe("what real peers send", () => {
  const plain = 'Digest username="u", realm="r", nonce="n", uri="sip:r", response="0123456789abcdef0123456789abcdef"';
  const read = {
    username: "u",
    realm: "r",
    nonce: "n",
    uri: "sip:r",
    response: "0123456789abcdef0123456789abcdef",
  };

  test.each([
    ["no opaque, no qop", plain, {}],
    [
      "qop, algorithm and nc in quotes",
      `${plain}, qop="auth", algorithm="MD5", nc="0000000A", cnonce="c"`,
      { qop: "auth", nc: "0000000A", algorithm: "MD5", cnonce: "c" },
    ],
    ["capitals in the sum", plain.replaceAll("abcdef", "ABCDEF"), {}],
    ["names in capitals", plain.replace("username", "USERNAME").replace("realm", "Realm"), {}],
    [
      "values without quotes",
      "Digest username=u,realm=r,nonce=n,uri=sip:r,response=0123456789abcdef0123456789abcdef",
      {},
    ],
    ["an empty opaque", `${plain}, opaque=""`, { opaque: "" }],
    ["parameters that nobody knows", `${plain}, userhash=false, auts="x", x=1, x=2`, {}],
  ])("%s", (_, value, more) => {
    expect(parseCredentials(value)).toEqual({ ...read, ...more });
  });

  test("a challenge for a hashed name is answered with the plain one, which is allowed (RFC 7616 §3.4.4)", () => {
    const [challenge] = parseChallenges(['Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256, userhash=true']);
    expect(challenge).toMatchObject({ realm: "r", algorithm: "SHA-256" });
    expect(challenge).not.toHaveProperty("userhash");
  });

  test("session keys are refused, the next challenge is taken", () => {
    const offers = parseChallenges([
      'Digest realm="r", nonce="1", qop="auth", algorithm=SHA-256-sess',
      'Digest realm="r", nonce="2", qop="auth", algorithm="sha-256", stale="TRUE"',
      'Digest realm="r", nonce="3", qop="auth"',
    ]);
    expect(chooseChallenge(offers, ["MD5", "SHA-256"])).toMatchObject({ nonce: "2", stale: true });
    expect(chooseChallenge(offers, ["MD5"])).toMatchObject({ nonce: "3", stale: false });
    expect(chooseChallenge(offers.slice(0, 1), ["MD5", "SHA-256"])).toBeUndefined();
  });

  test("more parameters than any have are refused", () => {
    const many = (count: number): string =>
      `${plain}${Array.from({ length: count }, (_, at) => `, p${at}=1`).join("")}`;
    expect(parseCredentials(many(59))).toBeDefined();
    expect(parseCredentials(many(60))).toBeUndefined();
  });
});

test("sums are compared in any case and any length", () => {
  expect(sameDigest("ab01", "AB01")).toBe(true);
  expect(sameDigest("ab01", "ab02")).toBe(false);
  expect(sameDigest("ab01", "ab0")).toBe(false);
});
