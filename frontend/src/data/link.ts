const PREFIX = "p.attribution.";

/** What a host's address says about us: the values of its `p.attribution.<key>` parts. */
export function readLink(hash: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of hash.replace(/^#/, "").split("&")) {
    const [key = "", ...rest] = part.split("=");
    const value = rest.join("="); // typed by hand, a value may hold one
    if (key.startsWith(PREFIX)) {
      try {
        found[key.slice(PREFIX.length)] = decodeURIComponent(value);
      } catch {
        found[key.slice(PREFIX.length)] = value; // a bad escape is reported by whoever reads the value
      }
    }
  }
  return found;
}

/** The host's address with our values in it; those of others stay. */
export function writeLink(hash: string, values: Record<string, string>): string {
  const others = hash
    .replace(/^#/, "")
    .split("&")
    .filter((part) => part !== "" && !part.startsWith(PREFIX));
  const ours = Object.entries(values).map(([key, value]) => `${PREFIX}${key}=${encodeURIComponent(value)}`);
  return `#${[...(others.length > 0 ? others : ["attribution"]), ...ours].join("&")}`;
}
