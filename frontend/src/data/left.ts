const KEY = "tb-attribution.left"; // the host's pages share this storage

/** Reading the property itself fails where a browser blocks storage. */
type Place = () => Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Keeps the address that a page was to have when it goes: a reload has its own before the page hears of it. */
export function leave(place: Place, address: string): void {
  try {
    place().setItem(KEY, address);
  } catch {
    // Blocked or full: the last change is lost.
  }
}

/** The address that was left, once; "" where there is none. */
export function left(place: Place): string {
  try {
    const address = place().getItem(KEY) ?? "";
    place().removeItem(KEY);
    return address;
  } catch {
    return "";
  }
}
