import type { ReactElement } from "react";
import type { GatewayStatus } from "../../../core/bridge/contract.ts";
import { CopyLine, useCopy } from "../../components/copy-line.tsx";
import { useWords } from "../../state/context.tsx";
import { parseListening } from "../../state/server-name.ts";
import type { Words } from "../../strings/words.ts";
import type { Colleague } from "./office-form.ts";
import { addressOf } from "./office-form.ts";

interface OfficeNeedsProps {
  readonly gateway: GatewayStatus;
  readonly domain: string;
  /** People whose passwords are known in this window, because they were just made. */
  readonly colleagues: readonly Colleague[];
}

/** What colleagues need to sign in: address and password, server, fingerprint; each to copy. */
export function OfficeNeeds({ gateway, domain, colleagues }: OfficeNeedsProps): ReactElement {
  const words = useWords();
  const copy = useCopy();
  const server = serverWords(words, gateway);
  const everything = [
    ...colleagues.flatMap((person) => [
      `${words.say("office.need.address")}: ${addressOf(person, domain)}`,
      `${words.say("office.need.password")}: ${person.password}`,
    ]),
    `${words.say("office.need.server")}: ${server}`,
    ...(gateway.fingerprint === undefined ? [] : [`${words.say("office.need.fingerprint")}: ${gateway.fingerprint}`]),
  ].join("\n");
  return (
    <div className="needs">
      {colleagues.map((person) => (
        <dl key={person.id}>
          <CopyLine label={words.say("office.need.address")} text={addressOf(person, domain)} />
          <CopyLine label={words.say("office.need.password")} text={person.password} />
        </dl>
      ))}
      <dl>
        <CopyLine label={words.say("office.need.server")} text={server} />
        {gateway.fingerprint === undefined ? null : (
          <CopyLine
            label={words.say("office.need.fingerprint")}
            text={gateway.fingerprint}
            hint={words.say("office.need.fingerprintHint")}
          />
        )}
      </dl>
      <button type="button" className="button small" onClick={() => copy(everything)}>
        {words.say("office.copyAll")}
      </button>
    </div>
  );
}

/** The address at which colleagues reach the office; a computer that is on no network cannot be told one. */
function serverWords(words: Words, gateway: GatewayStatus): string {
  const [best] = gateway.reachableAs ?? [];
  if (best !== undefined) return best;
  const all = (gateway.listening ?? []).map(parseListening).filter((item) => item !== undefined);
  const port = (all.find((item) => item.transport === "tls") ?? all[0])?.port;
  return port === undefined ? (gateway.domain ?? "") : words.say("office.need.serverHere", { port });
}
