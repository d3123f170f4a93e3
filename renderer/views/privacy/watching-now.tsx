import { useState } from "react";
import type { ReactElement } from "react";
import { useShallow } from "zustand/react/shallow";
import type { Watcher } from "../../../core/bridge/contract.ts";
import { useModel, useWindow, useWords } from "../../state/context.tsx";
import { keyOf } from "../../state/model.ts";
import { domainOf, nameOf } from "../../state/presence.ts";
import { ruleFor, watchingNow } from "../../state/requests.ts";

const FIRST = 8;

/** Everybody with a subscription to my presence at this moment. */
export function WatchingNow(): ReactElement {
  const words = useWords();
  const watchers = useModel(useShallow(watchingNow));
  const [all, setAll] = useState(false);
  const outside = watchers.filter((watcher) => domainOf(watcher.address) !== domainOf(watcher.account)).length;
  const count = watchers.length;
  const shown = all ? watchers : watchers.slice(0, FIRST);
  return (
    <section className="panel below">
      <header>
        <h2>{words.say("privacy.watching")}</h2>
        <span className="small dim">
          {outside > 0
            ? words.say("privacy.watchingOutside", { count, outside })
            : words.say("privacy.watchingCount", { count })}
        </span>
        {count > FIRST && !all ? (
          <button type="button" className="button quiet small" onClick={() => setAll(true)}>
            {words.say("privacy.showAll")}
          </button>
        ) : null}
      </header>
      {count === 0 ? <p className="line mid t13">{words.say("privacy.watchingNobody")}</p> : null}
      {shown.map((watcher) => (
        <WatcherLine key={keyOf(watcher.account, watcher.address)} watcher={watcher} />
      ))}
    </section>
  );
}

function WatcherLine({ watcher }: { readonly watcher: Watcher }): ReactElement {
  const words = useWords();
  const now = useWindow((state) => state.now);
  const name = useModel((model) => nameOf(model, watcher.account, watcher.address));
  const rule = useModel((model) => ruleFor(model.rules, watcher.account, watcher.address));
  const since = watcher.since === undefined ? "" : words.say("privacy.since", { when: words.when(watcher.since, now) });
  const domain = domainOf(watcher.address) === domainOf(watcher.account) ? "" : domainOf(watcher.address);
  return (
    <div className="line watcher">
      <b className="cut">
        <bdi>{name}</bdi>
      </b>
      <span className="mid t13">{words.say(`rule.inside.${rule}`)}</span>
      <span className="dim t13">{[since, domain].filter((part) => part !== "").join(", ")}</span>
    </div>
  );
}
