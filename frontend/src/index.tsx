import { effect, signal } from "@preact/signals";
import { render as draw } from "preact";
import { counting } from "#src/data/activity";
import { connect, followTheme } from "#src/data/host";
import { readLink, writeLink } from "#src/data/link";
import { Server } from "#src/data/server";
import { BarOrder } from "#src/state/bar_order";
import { fromLink, toLink } from "#src/state/link";
import { loadPreferences, savePreferences } from "#src/state/preferences";
import { Session } from "#src/state/session";
import css from "#src/styles/page.css?inline";
import { App } from "#src/widgets/app";
import { listenToKeys, takeKeys } from "#src/widgets/keys";
import { makeTip } from "#src/widgets/tip";

function hostHash(): string {
  try {
    return parent.location.hash;
  } catch {
    return ""; // embedded by another origin: the page works without links
  }
}

function writeHostHash(values: Record<string, string>): void {
  try {
    const hash = writeLink(parent.location.hash, values);
    // Another tab may be on screen; its address is not ours to change.
    if (hash !== parent.location.hash && innerHeight > 0) {
      parent.history.replaceState(parent.history.state, "", hash);
    }
  } catch {
    // Embedded by another origin.
  }
}

function takeHostsKeys(): void {
  try {
    takeKeys(parent.document);
  } catch {
    // Embedded by another origin: a click directs keys here.
  }
}

/** Called by TensorBoard once the tab is opened. */
export function render(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  document.documentElement.lang = "en";
  document.title = "Attribution";

  // Says to who photographs or tests the page that it is not done yet.
  const tell = (busy: boolean) => document.documentElement.toggleAttribute("data-fetching", busy);
  const server = new Server(counting((address, init) => fetch(address, init), tell));
  const { selection, complaints } = fromLink(readLink(hostHash()));
  const session = new Session(server, { ...selection, ...loadPreferences(localStorage) });
  const dark = signal(false);
  const { tip } = makeTip(document.body);
  const page = { session, barOrder: new BarOrder(session), dark, peek: signal(false), tip };

  effect(() => savePreferences(localStorage, session.selection.value));
  effect(() => writeHostHash(toLink(session.selection.value)));
  effect(() => {
    document.documentElement.classList.toggle("dark", dark.value);
  });
  followTheme((value) => {
    dark.value = value;
  });
  // A hidden tab keeps its timers and its visibilityState, and its page still "intersects" a view of no height;
  // only that height tells.
  let missed = false;
  const look = () => {
    const shown = innerHeight > 0;
    const appeared = shown && !session.awake.peek();
    session.awake.value = shown;
    if (appeared) {
      takeHostsKeys();
    }
    if (shown && missed) {
      missed = false;
      session.reload();
    }
  };
  addEventListener("resize", look);
  look();
  connect(() => {
    if (session.awake.peek()) {
      session.reload();
    } else {
      missed = true;
    }
  });
  listenToKeys(page, document);

  const root = document.createElement("div");
  root.id = "tb-attribution";
  document.body.append(root);
  const link = () => parent.location.href;
  draw(<App page={page} complaints={complaints} link={link} />, root);
  session.reload();
}
