import { ANY, type Pins, type Range } from "#src/state/find";
import type { Side, Sides } from "#src/state/sides";

/** How a value is written as text. */
export interface Codec<T> {
  /** What a text must be, in words. */
  readonly rule: string;
  /** Undefined where the text breaks the rule. */
  read(text: string): T | undefined;
  /** Null where there is nothing to say. */
  write(value: T): string | null;
}

/** Names as one value; a name may hold commas. */
export function names(): Codec<readonly string[] | null> {
  return {
    rule: "names stand between commas, with %2C for a comma in a name",
    read(text) {
      try {
        return text.split(",").filter(Boolean).map(decodeURIComponent);
      } catch {
        return undefined;
      }
    },
    write: (value) => (value === null ? null : value.map(encodeURIComponent).join(",")),
  };
}

export function oneOf<T extends string | number | boolean>(all: readonly T[]): Codec<T> {
  return {
    rule: `one of ${all.join(", ")}`,
    read: (text) => all.find((one) => String(one) === text),
    write: String,
  };
}

export function numberOf(text: string): number | undefined {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? undefined : value;
}

/** Ends of scales as "tag:end" between commas; a tag may hold both. */
export function ends(): Codec<Readonly<Record<string, number>>> {
  return {
    rule: "ends stand as tag:end between commas, with %2C and %3A in a tag, and an end is above 0",
    read(text) {
      try {
        const pairs = text.split(",").map((pair) => {
          const [tag = "", end = "", ...rest] = pair.split(":");
          const value = numberOf(end);
          return rest.length === 0 && value !== undefined && value > 0
            ? [[decodeURIComponent(tag), value] as const]
            : [];
        });
        return pairs.some((pair) => pair.length === 0) ? undefined : Object.fromEntries(pairs.flat());
      } catch {
        return undefined;
      }
    },
    write(value) {
      const pairs = Object.entries(value).map(([tag, end]) => `${encodeURIComponent(tag)}:${end}`);
      return pairs.length === 0 ? null : pairs.sort().join(",");
    },
  };
}

/** A number, or nothing. */
export function maybe(rule: string, pattern = /./): Codec<number | null> {
  return {
    rule,
    read: (text) => (pattern.test(text) ? numberOf(text) : undefined),
    write: (value) => (value === null ? null : String(value)),
  };
}

/** "low..high", where an open end is left out. */
export function range(): Codec<Range> {
  return {
    rule: "a range is low..high, and either end may be left out",
    read(text) {
      const [low = "", high = "", ...rest] = text.split("..");
      const [from, to] = [low === "" ? ANY[0] : numberOf(low), high === "" ? ANY[1] : numberOf(high)];
      const isRange = text.includes("..") && rest.length === 0;
      return isRange && from !== undefined && to !== undefined ? [from, to] : undefined;
    },
    write: (value) => value.map((end) => (Number.isFinite(end) ? String(end) : "")).join(".."),
  };
}

const PINS = /^[^:]+:\d{1,9}(\.\d{1,9})*$/;

/** "hash:0.3.17" between commas. */
export function pins(): Codec<Pins> {
  return {
    rule: "pins stand as hash:0.3.17 with commas between probes",
    read(text) {
      const parts = text.split(",");
      try {
        const own = parts.map((part) => {
          const [hash = "", examples = ""] = part.split(":");
          return [
            decodeURIComponent(hash),
            examples
              .split(".")
              .map(Number)
              .sort((a, b) => a - b),
          ] as const;
        });
        return parts.every((part) => PINS.test(part)) ? Object.fromEntries(own) : undefined;
      } catch {
        return undefined;
      }
    },
    write(value) {
      const parts = Object.entries(value).map(
        ([hash, examples]) => `${encodeURIComponent(hash)}:${examples.join(".")}`,
      );
      return parts.length === 0 ? null : parts.sort().join(",");
    },
  };
}

function readSide(text: string): Side | undefined {
  const [run = "", method = "", step, ...rest] = text.split(",").map(decodeURIComponent);
  const own = step === undefined ? null : numberOf(step);
  return method !== "" && own !== undefined && rest.length === 0 ? { run, method, step: own } : undefined;
}

/** "run,method:run,method,step": A, then B; without a step it is the one on screen. */
export function sides(): Codec<Sides | null> {
  return {
    rule: "a difference stands as A:B, each of them run,method or run,method,step, with %2C and %3A in names",
    read(text) {
      try {
        const [a, b, ...rest] = text.split(":").map(readSide);
        return a && b && rest.length === 0 ? { a, b } : undefined;
      } catch {
        return undefined;
      }
    },
    write(value) {
      const side = ({ run, method, step }: Side) =>
        [run, method, ...(step === null ? [] : [String(step)])].map(encodeURIComponent).join();
      return value && [value.a, value.b].map(side).join(":");
    },
  };
}
