import { create } from "@bufbuild/protobuf";
import { ErrorKind, type Index, IndexSchema } from "#src/data/generated/tb_attribution_plugin/wire/attribution_pb";

interface Series {
  readonly tag: string;
  readonly target?: string;
  readonly steps?: number[];
  readonly hash?: string;
  readonly shape?: number[];
  readonly units?: boolean;
  readonly errorKind?: ErrorKind;
}

/** An index of runs named "<group>/attribution" with the given series. */
export function indexOf(runs: Record<string, Series[]>): Index {
  return create(IndexSchema, {
    runs: Object.entries(runs).map(([group, series]) => ({
      run: `${group}/attribution`,
      group,
      name: "attribution",
      series: series.map(
        ({
          tag,
          target = "",
          steps = [0, 10],
          hash = "h",
          shape,
          units = false,
          errorKind = ErrorKind.ERROR_NONE,
        }) => ({
          maps: {
            tag,
            target,
            method: tag,
            probeHash: hash,
            examples: 4,
            signed: true,
            units,
            errorKind,
            grids: shape === undefined ? [] : [{ shape, methodShape: shape }],
          },
          steps,
          wallTimes: steps.map((step) => 1000 + step),
        }),
      ),
      epochSteps: [0, 10],
      epochs: [0, 1],
    })),
  });
}
