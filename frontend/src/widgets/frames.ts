import type { Segments } from "#src/data/segments";
import type { StoredMap, StoredTile } from "#src/state/tile";
import type { Frame } from "#src/views/view";

/** What the maps of a column are, as far as their stored form does not say. */
export interface Kind {
  readonly methodShape: readonly number[];
  /** What its errors are, in words. */
  readonly errorWords: string;
}

/** What belongs to a map that is read. */
interface Companions {
  readonly input: Frame["input"];
  /** Where the map's segments are drawn, which cells they have. */
  readonly segments: Segments | undefined;
}

function valuesOf({ maps, index }: StoredMap): Float32Array {
  return maps.values(index);
}

function cellFrame({ map, errors }: StoredTile, kind: Kind, input: Frame["input"]): Frame {
  return {
    values: valuesOf(map),
    shape: map.maps.shape,
    methodShape: kind.methodShape,
    thumbnail: map.maps.thumbnail,
    bound: (cell) => map.maps.bounds(map.index)(cell),
    errors: errors && { values: valuesOf(errors), words: kind.errorWords },
    groups: undefined,
    input,
  };
}

/** Each cell has the value, and the error, of its segment; 0, which is drawn as nothing, where it is in none. */
function segmentFrame(
  stored: StoredMap,
  errors: StoredMap | undefined,
  ids: Int32Array,
  shape: readonly number[],
  kind: Kind,
  input: Frame["input"],
): Frame {
  const spread = (values: Float32Array) => Float32Array.from(ids, (id) => (id < 0 ? 0 : (values[id] ?? Number.NaN)));
  const values = valuesOf(stored);
  const own = Int32Array.from(new Set(ids))
    .filter((id) => id >= 0)
    .sort();
  return {
    values: spread(values),
    shape,
    methodShape: shape,
    thumbnail: false,
    bound: (cell) => (ids[cell]! < 0 ? 0 : stored.maps.bounds(stored.index)(ids[cell]!)),
    errors: errors && { values: spread(valuesOf(errors)), words: kind.errorWords },
    groups: { ids, values: Float32Array.from(own, (id) => values[id] ?? Number.NaN) },
    input,
  };
}

/** Reads maps of an example; the last one is kept, so that a change of looks does not read it again. */
export function frames(example: number): (tile: StoredTile, kind: Kind, companions: Companions) => Frame {
  let last: { readonly tile: StoredTile; readonly companions: Companions; readonly frame: Frame } | undefined;
  let known: { readonly segments: Segments; readonly ids: Int32Array } | undefined;
  return (tile, kind, companions) => {
    const { input, segments } = companions;
    if (last?.tile === tile && last.companions.input === input && last.companions.segments === segments) {
      return last.frame;
    }
    if (segments !== undefined && known?.segments !== segments) {
      known = { segments, ids: segments.ids(example) };
    }
    const frame =
      segments !== undefined && tile.segments !== undefined
        ? segmentFrame(tile.segments, tile.errors, known!.ids, segments.shape, kind, input)
        : cellFrame(tile, kind, input);
    last = { tile, companions, frame };
    return frame;
  };
}
