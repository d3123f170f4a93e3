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

/** The gateway tells where it listens; listening everywhere, it does not know the name by which others find it. */
function serverWords(words: Words, gateway: GatewayStatus): string {
  const all = (gateway.listening ?? []).map(parseListening).filter((item) => item !== undefined);
  const best = all.find((item) => item.transport === "tls") ?? all[0];
  if (best === undefined) return gateway.domain ?? "";
  return best.everywhere ? words.say("office.need.serverHere", { port: best.port }) : `${best.host}:${best.port}`;
}
