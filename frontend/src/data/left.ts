const KEY = "tb-attribution.left"; // the host's pages share this storage

/** Reading the property itself fails where a browser blocks storage. */
type Place = () => Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Keeps what an address lacks when its page goes: a reload has its address before the page hears of it. */
export function leave(place: Place, address: string, wanted: string): void {
  try {
    place().setItem(KEY, `${address}\n${wanted}`);
  } catch {
    // Blocked or full: the last change is lost.
  }
}

/** What an address was to become when its page went, once; the address itself where that is not known. */
export function returned(place: Place, address: string): string {
  try {
    const [before, wanted = address] = (place().getItem(KEY) ?? "").split("\n");
    place().removeItem(KEY);
    return before === address ? wanted : address;
  } catch {
    return address;
  }
}
