/** Something that is fetched: a gap in it is a state with words, never an empty screen. */
export type Loaded<T> =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly value: T }
  | { readonly state: "failed"; readonly words: string };

export const LOADING = { state: "loading" } as const;

export function ready<T>(value: T): Loaded<T> {
  return { state: "ready", value };
}

export function known<T>(loaded: Loaded<T> | undefined): T | undefined {
  return loaded?.state === "ready" ? loaded.value : undefined;
}
