/**
 * Which messages of the suites are refused, with which code and why; all others are well-formed. What the RFCs print is
 * often cut, elided or broken by the page, and other stacks' tests have messages that are meant to be refused.
 */

export interface Refused {
  readonly code: string;
  readonly why: string;
  readonly files: readonly string[];
}

/** By the folder of the suites. */
export const refused: Readonly<Record<string, readonly Refused[]>> = {
  "rfc-examples": [
    {
      code: "SIP_BODY_TOO_SHORT",
      why: "printed without the body that Content-Length counts",
      // oxfmt-ignore
      files: [
        "rfc3261/sip-001.sip", "rfc3261/sip-002.sip", "rfc3261/sip-004.sip", "rfc3261/sip-014.sip",
        "rfc3261/sip-016.sip", "rfc3261/sip-019.sip", "rfc3261/sip-021.sip", "rfc3261/sip-023.sip",
        "rfc3261/sip-027.sip", "rfc3261/sip-028.sip", "rfc3261/sip-029.sip", "rfc3842/sip-003.sip",
        "rfc3842/sip-005.sip", "rfc3842/sip-009.sip", "rfc3842/sip-013.sip", "rfc4662/sip-011.sip",
      ],
    },
    {
      code: "SIP_BAD_HEADER",
      why: "cut out together with the prose that follows, or with a line that the page breaks",
      // oxfmt-ignore
      files: [
        "rfc3261/sip-003.sip", "rfc3261/sip-008.sip", "rfc3261/sip-017.sip", "rfc3261/sip-022.sip",
        "rfc3261/sip-025.sip", "rfc3261/sip-031.sip", "rfc3428/sip-002.sip", "rfc3665/sip-001.sip",
        "rfc3665/sip-004.sip", "rfc3665/sip-011.sip", "rfc3665/sip-014.sip", "rfc3665/sip-020.sip",
        "rfc3665/sip-022.sip", "rfc3665/sip-029.sip", "rfc3665/sip-039.sip", "rfc3665/sip-042.sip",
        "rfc3665/sip-043.sip", "rfc3665/sip-045.sip", "rfc3665/sip-064.sip", "rfc3665/sip-080.sip",
        "rfc3665/sip-081.sip", "rfc3665/sip-098.sip", "rfc3665/sip-105.sip", "rfc3665/sip-114.sip",
        "rfc3665/sip-122.sip", "rfc3665/sip-127.sip", "rfc3665/sip-129.sip", "rfc3665/sip-137.sip",
        "rfc3665/sip-141.sip", "rfc3665/sip-144.sip", "rfc3665/sip-147.sip", "rfc3665/sip-148.sip",
        "rfc3665/sip-150.sip", "rfc3665/sip-154.sip", "rfc3665/sip-155.sip", "rfc3665/sip-159.sip",
        "rfc3665/sip-160.sip", "rfc3665/sip-161.sip", "rfc3665/sip-164.sip", "rfc3665/sip-169.sip",
        "rfc3665/sip-175.sip", "rfc3665/sip-178.sip", "rfc3842/sip-015.sip", "rfc3842/sip-016.sip",
        "rfc3856/sip-001.sip", "rfc3856/sip-004.sip", "rfc3857/sip-004.sip", "rfc3857/sip-006.sip",
        "rfc3857/sip-008.sip", "rfc3903/sip-003.sip", "rfc4662/sip-001.sip", "rfc4662/sip-003.sip",
      ],
    },
    {
      code: "SIP_NO_VIA",
      why: "printed in parts",
      // oxfmt-ignore
      files: [
        "rfc3261/sip-005.sip", "rfc3261/sip-006.sip", "rfc3261/sip-007.sip", "rfc3261/sip-009.sip",
        "rfc3261/sip-012.sip", "rfc3842/sip-001.sip", "rfc3842/sip-002.sip", "rfc3842/sip-006.sip",
        "rfc3842/sip-007.sip", "rfc3842/sip-008.sip", "rfc3842/sip-010.sip", "rfc3842/sip-011.sip",
        "rfc3842/sip-012.sip", "rfc3842/sip-014.sip", "rfc4975/sip-001.sip", "rfc4975/sip-002.sip",
        "rfc4975/sip-003.sip",
      ],
    },
    {
      code: "SIP_BAD_FROM",
      why: "a From without a scheme, and one with an empty parameter",
      // oxfmt-ignore
      files: [
        "rfc3261/sip-015.sip", "rfc3428/sip-004.sip",
      ],
    },
    {
      code: "SIP_BAD_VIA",
      why: "an empty parameter",
      // oxfmt-ignore
      files: [
        "rfc3428/sip-003.sip",
      ],
    },
    {
      code: "SIP_BAD_CONTENT_LENGTH",
      why: "the length is printed as dots",
      // oxfmt-ignore
      files: [
        "rfc3842/sip-004.sip", "rfc3856/sip-003.sip", "rfc3856/sip-005.sip", "rfc3857/sip-002.sip",
        "rfc3857/sip-005.sip", "rfc3857/sip-007.sip", "rfc3903/sip-005.sip", "rfc3903/sip-007.sip",
        "rfc3903/sip-011.sip", "rfc3903/sip-013.sip",
      ],
    },
  ],
  "sip-messages": [
    {
      code: "SIP_BAD_CSEQ",
      why: "made to be refused",
      // oxfmt-ignore
      files: [
        "kirm-sip.js/badcseq.dat",
      ],
    },
    {
      code: "SIP_BAD_REQUEST_URI",
      why: "made to be refused",
      // oxfmt-ignore
      files: [
        "resiprocate/RSP-2-data1.msg",
      ],
    },
    {
      code: "SIP_NO_CALL_ID",
      why: "made to be refused",
      // oxfmt-ignore
      files: [
        "resiprocate/RSP-2-data2.msg",
      ],
    },
    {
      code: "SIP_NOT_SIP",
      why: "no messages, or lists of several",
      // oxfmt-ignore
      files: [
        "resiprocate/RSP-3-data1.msg", "resiprocate/RSP-3-data3.msg", "resiprocate/raw-tests.txt",
      ],
    },
    {
      code: "SIP_BODY_TOO_SHORT",
      why: "made to be refused",
      // oxfmt-ignore
      files: [
        "resiprocate/RSP-3-data2.msg",
      ],
    },
    {
      code: "SIP_REPEATED_TO",
      why: "made to be refused",
      // oxfmt-ignore
      files: [
        "sofia-sip/test35.txt",
      ],
    },
  ],
  "peer-messages": [
    {
      code: "SIP_BAD_CONTENT_LENGTH",
      why: "made to be refused",
      // oxfmt-ignore
      files: [
        "OpenSIPS+opensips/ut-L42.sip", "pjsip+pjproject/msg_test-L2159.sip",
      ],
    },
    {
      code: "SIP_UNENDED_HEAD",
      why: "cut out of a source file in the middle of a line",
      // oxfmt-ignore
      files: [
        "baresip+re/sip-L189.sip", "pjsip+pjproject/msg_test-L827.sip",
      ],
    },
    {
      code: "SIP_BAD_HEADER",
      why: "made to be refused, or cut out with what follows",
      // oxfmt-ignore
      files: [
        "baresip+re/sip-L369.sip", "pjsip+pjproject/msg_test-L52.sip",
      ],
    },
    {
      code: "SIP_BODY_TOO_SHORT",
      why: "printed without the whole body",
      // oxfmt-ignore
      files: [
        "baresip+re/sip-L506.sip",
      ],
    },
    {
      code: "SIP_NO_FROM",
      why: "only the headers that the test needed",
      // oxfmt-ignore
      files: [
        "baresip+re/sipauth-L15.sip", "baresip+re/sipauth-L24.sip", "baresip+re/sipauth-L34.sip",
        "baresip+re/sipauth-L44.sip", "pjsip+pjproject/msg_err_test-L53.sip", "pjsip+pjproject/msg_err_test-L62.sip",
      ],
    },
    {
      code: "SIP_BAD_MAX_FORWARDS",
      why: "made to be refused",
      // oxfmt-ignore
      files: [
        "pjsip+pjproject/msg_test-L2143.sip",
      ],
    },
  ],
  "jsip-torture": [
    {
      code: "SIP_BAD_REQUEST_URI",
      why: "a Request-URI in brackets, and one with headers",
      // oxfmt-ignore
      files: [
        "messages/001.sip", "messages/006.sip",
      ],
    },
    {
      code: "SIP_BAD_REQUEST_LINE",
      why: "spaces within and behind the Request-URI",
      // oxfmt-ignore
      files: [
        "messages/003.sip", "messages/004.sip",
      ],
    },
    {
      code: "SIP_UNENDED_HEAD",
      why: "the last line has no end",
      // oxfmt-ignore
      files: [
        "messages/008.sip", "messages/009.sip", "messages/010.sip", "messages/015.sip", "messages/017.sip",
        "messages/020.sip", "messages/023.sip", "messages/025.sip", "messages/052.sip", "messages/054.sip",
        "messages/057.sip", "messages/058.sip", "messages/061.sip", "messages/062.sip", "messages/065.sip",
        "messages/066.sip", "messages/067.sip", "messages/068.sip", "messages/072.sip", "messages/074.sip",
        "messages/076.sip", "messages/078.sip", "messages/082.sip", "messages/089.sip", "messages/095.sip",
        "messages/105.sip", "messages/115.sip", "messages/118.sip", "messages/135.sip",
      ],
    },
    {
      code: "SIP_BAD_HEADER",
      why: "a header line without a colon, or a fold before it",
      // oxfmt-ignore
      files: [
        "messages/014.sip", "messages/018.sip", "messages/056.sip",
      ],
    },
    {
      code: "SIP_CSEQ_METHOD",
      why: "CSeq has another method",
      // oxfmt-ignore
      files: [
        "messages/092.sip",
      ],
    },
    {
      code: "SIP_BAD_RECORD_ROUTE",
      why: "an address whose bracket is cut off",
      // oxfmt-ignore
      files: [
        "messages/137.sip", "messages/143.sip", "messages/145.sip", "messages/147.sip", "messages/149.sip",
      ],
    },
  ],
  pcap: [],
  "fuzz-corpus": [
    {
      code: "SIP_NOT_SIP",
      why: "no messages",
      // oxfmt-ignore
      files: [
        "dictionaries/belle-sip_dict.txt", "sipgo-crashers/2c025c3ae292cb8b.raw",
        "sipgo-crashers/60d4a7b56f87dca0.raw", "sipgo-crashers/8f6bb03248a83474.raw",
        "sipgo-crashers/8f997b6062f4880d.raw", "sipgo-crashers/92cfc4c51bbcdddf.raw",
        "sipgo-crashers/c7b2fa4d8767b928.raw", "sipgo-crashers/cfdb2b227e2e14aa.raw",
        "sipgo-crashers/dc4d8cf7ba83620b.raw",
      ],
    },
    {
      code: "SIP_BAD_HEADER",
      why: "damaged on purpose",
      // oxfmt-ignore
      files: [
        "pjproject-sip/input.1.sip",
      ],
    },
  ],
};
