import type { ProbeBlob } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";
import { decodeSegments, type Segments } from "#src/data/segments";
import { Fetches } from "#src/state/fetches";
import type { Loaded } from "#src/state/loaded";

/** Which cells of an input belong to which segment, read when a map needs it. */
export class SegmentMaps {
  readonly #read = new Fetches<Segments>();

  /** Reading it subscribes to its arrival. */
  ask(probe: ProbeBlob, input: number): Loaded<Segments> {
    const name = JSON.stringify([probe.hash, input]);
    this.#read.ask(name, "1", () => decodeSegments(probe, input));
    return this.#read.get(name);
  }
}
