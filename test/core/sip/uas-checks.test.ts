import { describe, expect, test } from "vitest";
import type { SipRequest } from "../../../core/sip/message/message.ts";
import { request } from "../../../core/sip/message/message.ts";
import type { Abilities } from "../../../core/sip/uas-checks.ts";
import { abilityHeaders, uasRefusal } from "../../../core/sip/uas-checks.ts";

const CAN: Abilities = {
  methods: ["MESSAGE", "OPTIONS", "INVITE"],
  schemes: ["sip", "sips"],
  extensions: ["path"],
  accept: ["text/plain", "application/*"],
  encodings: ["deflate"],
  produces: ["application/sdp"],
  events: ["presence"],
};

type Header = readonly [string, string];

function make(method: string, headers: readonly Header[] = [], body = "", uri = "sip:bob@b.example"): SipRequest {
  return request(method, uri, [["CSeq", `1 ${method}`], ...headers], body);
}

const allow: Header = ["Allow", "MESSAGE, OPTIONS, INVITE"];
const types: Header = ["Accept", "text/plain, application/*"];

describe("a request", () => {
  test.each<[string, SipRequest, number, Header?]>([
    ["of a known method that is not allowed here", make("REGISTER"), 405, allow],
    ["of a method that nobody knows", make("X-WAVE"), 501, allow],
    ["for another scheme", make("MESSAGE", [], "", "tel:+123"), 416],
    ["for a URI that is none", { ...make("MESSAGE"), uri: ":" }, 400],
    ["that demands what is not known", make("INVITE", [["Require", "100rel, path"]]), 420, ["Unsupported", "100rel"]],
    ["with a body of another type", make("MESSAGE", [["Content-Type", "image/png"]], "x"), 415, types],
    ["with a body of no type", make("MESSAGE", [], "x"), 415, types],
    [
      "with a body that cannot be unpacked",
      make(
        "MESSAGE",
        [
          ["Content-Type", "text/plain"],
          ["Content-Encoding", "deflate, gzip"],
        ],
        "x",
      ),
      415,
      ["Accept-Encoding", "identity, deflate"],
    ],
    ["that takes no answer that there is", make("OPTIONS", [["Accept", "text/html, image/*;q=0.5"]]), 406],
  ])("%s is refused", (_name, message, status, header) => {
    const refusal = uasRefusal(message, CAN);
    expect(refusal?.status).toBe(status);
    expect([...(refusal?.headers ?? [])]).toEqual(header ? [header] : []);
  });

  test.each<[string, SipRequest]>([
    ["without a body", make("MESSAGE")],
    ["with a body of a range that is taken", make("INVITE", [["Content-Type", "application/sdp"]], "x")],
    [
      "with an encoding that is known",
      make(
        "MESSAGE",
        [
          ["Content-Type", "text/plain"],
          ["Content-Encoding", "deflate"],
        ],
        "x",
      ),
    ],
    ["with a body that may be left alone", make("MESSAGE", [["Content-Disposition", "x; handling=optional"]], "x")],
    ["that takes anything", make("OPTIONS", [["Accept", "*/*"]])],
    ["that demands what is known", make("MESSAGE", [["Require", "PATH"]])],
    ["of method CANCEL, whatever it demands", make("CANCEL", [["Require", "wings"]])],
    ["of method ACK", make("ACK", [["Require", "wings"]])],
  ])("%s may be looked at", (_name, message) => {
    expect(uasRefusal(message, CAN)).toBeUndefined();
  });
});

test("an answer to OPTIONS says what is possible", () => {
  expect(abilityHeaders(CAN)).toEqual([
    allow,
    types,
    ["Accept-Encoding", "identity, deflate"],
    ["Supported", "path"],
    ["Allow-Events", "presence"],
  ]);
});
