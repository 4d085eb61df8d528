import { computed, effect, signal } from "@preact/signals";
import { render as draw } from "preact";
import { counting } from "#src/data/activity";
import { connect, followTheme } from "#src/data/host";
import { leave, left } from "#src/data/left";
import { readLink, writeLink } from "#src/data/link";
import { Paced } from "#src/data/paced";
import { watching } from "#src/data/reach";
import { Server } from "#src/data/server";
import { adopt, heatOpacity } from "#src/render/style_sheet";
import { BarOrder } from "#src/state/bar_order";
import { CurrentExample } from "#src/state/current";
import { FoundRows } from "#src/state/found";
import { Later } from "#src/state/later";
import { fromLink, toLink } from "#src/state/link";
import { partsOf } from "#src/state/parts";
import { Play } from "#src/state/play";
import { keepPreferences, loadPreferences } from "#src/state/preferences";
import { Reader } from "#src/state/reader";
import { recover } from "#src/state/recovery";
import { SegmentMaps } from "#src/state/segments";
import { DEFAULTS } from "#src/state/selection";
import { Session } from "#src/state/session";
import { Zooms } from "#src/state/zooms";
import css from "#src/styles/page.css?inline";
import { App } from "#src/widgets/app";
import { listenToKeys, takeKeys } from "#src/widgets/keys";
import { standing } from "#src/widgets/pace";
import { LOOKS } from "#src/widgets/page";
import { makeTip } from "#src/widgets/tip";

/** Browsers ignore a page that writes its address more than 200 times in 30 seconds. ms. */
const ADDRESS_PAUSE = 200;

function hostHash(): string {
  try {
    return parent.location.hash;
  } catch {
    return ""; // embedded by another origin: the page works without links
  }
}

/** The address of the whole TensorBoard; undefined where it is another origin's secret. */
function hostAddress(): string | undefined {
  try {
    return parent.location.href;
  } catch {
    return undefined;
  }
}

/** Whether the whole TensorBoard was loaded again at its address. */
function isReload(): boolean {
  try {
    const [navigation] = parent.performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    return navigation?.type === "reload";
  } catch {
    return false;
  }
}

/** The address as we wrote it last: where it is another, somebody else did. */
let written = "";

function writeHostHash(values: Record<string, string>): void {
  try {
    const hash = writeLink(parent.location.hash, values);
    // Another tab may be on screen; its address is not ours to change.
    if (innerHeight > 0) {
      written = hash;
      if (hash !== parent.location.hash) {
        parent.history.replaceState(parent.history.state, "", hash);
      }
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
  adopt(css);
  document.documentElement.lang = "en";
  document.title = "Attribution";

  // Says to who photographs or tests the page that it is not done yet.
  const tell = (busy: boolean) => document.documentElement.toggleAttribute("data-fetching", busy);
  const asked = watching(
    (address, init) => fetch(address, init),
    () => {
      session.reached.value = false;
    },
  );
  const server = new Server(counting(asked, tell));
  const storage = () => localStorage;
  const leaving = () => sessionStorage;
  const last = left(leaving);
  const link = fromLink(readLink((isReload() && last) || hostHash()));
  const preferences = loadPreferences(storage);
  const remembered = { ...DEFAULTS, ...preferences.kept };
  const session = new Session(server, { ...remembered, ...link.asked });
  const dark = signal(false);
  const { tip } = makeTip(document.body);
  const rows = new FoundRows(session);
  const page = {
    session,
    rows,
    current: new CurrentExample(rows),
    barOrder: new BarOrder(session),
    segments: new SegmentMaps(),
    reader: new Reader(),
    zooms: new Zooms(),
    play: new Play(session, standing),
    difference: new Later(async () => (await import("#src/widgets/difference")).start(session)),
    looks: partsOf(session.selection, LOOKS),
    dark,
    peek: signal(false),
    help: signal(false),
    side: signal(false),
    tip,
  };

  const remember = keepPreferences(storage, session.selection);
  rows.follow();
  const address = new Paced(writeHostHash, ADDRESS_PAUSE);
  effect(() => address.tell(toLink(session.selection.value, remembered)));
  addEventListener("pagehide", () => {
    remember();
    if (hostHash() === written) {
      leave(leaving, writeLink(written, toLink(session.selection.peek(), remembered)));
    }
    address.flush();
  });
  effect(() => {
    document.documentElement.classList.toggle("dark", dark.value);
  });
  const opacity = computed(() => session.selection.value.opacity);
  const setOpacity = heatOpacity();
  effect(() => setOpacity(opacity.value));
  followTheme((value) => {
    dark.value = value;
  });
  // A hidden tab of TensorBoard keeps its timers and its visibilityState, and its page still "intersects" a view of no
  // height; only that height tells. A hidden tab of the browser keeps its height.
  let missed = false;
  const look = () => {
    const shown = innerHeight > 0 && !document.hidden;
    document.hidden && address.flush(); // a hidden page may end without a word
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
  document.addEventListener("visibilitychange", look);
  look();
  connect(() => {
    if (session.awake.peek()) {
      session.reload();
    } else {
      missed = true;
    }
  });
  recover(session, server);
  listenToKeys(page, document);

  const root = document.createElement("div");
  root.id = "tb-attribution";
  document.body.append(root);
  const complaints = [...link.complaints, ...preferences.complaints];
  const wholeAddress = () => {
    address.flush();
    return hostAddress();
  };
  draw(<App page={page} complaints={complaints} link={wholeAddress} />, root);
  session.reload();
}
