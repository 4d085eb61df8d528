import { effect, signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Frame, Look, View } from "#src/views/view";
import type { Condition } from "#src/widgets/condition";
import type { Page } from "#src/widgets/page";
import { type Readable, readable } from "#src/widgets/reading";

/** What a tile shows: a map, and why it says less than it seems; or words instead. */
export type Drawing =
  | { readonly frame: Frame; readonly look: Look; readonly condition: Condition | undefined }
  | { readonly words: string; readonly kind: "busy" | "failed" };

export interface Drawer {
  readonly view: View;
  /** What a map will be like, for the room that it takes. */
  room(): { readonly shape: readonly number[]; readonly look: Look };
  /** Reading it subscribes; a change draws. */
  draw(): Drawing;
}

interface Props {
  readonly page: Page;
  /** For those who do not see it. */
  readonly name: string;
  readonly map: Readable & { readonly input: number };
  /** Where its column stands in the row. */
  readonly order: number;
  /** It goes on showing an earlier step. */
  readonly held: boolean;
  readonly start: (root: HTMLElement) => Drawer;
  /** What it is started with: another of these starts it again. */
  readonly of: readonly unknown[];
  /** What stands below. */
  readonly children: ComponentChildren;
}

/** A view with its words, which can be read. A tile that fails says so and leaves the others alone. */
export function DrawnTile({ page, name, map, order, held, start, of, children }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const message = useSignal<{ words: string; kind: "busy" | "failed" | Condition["kind"] } | undefined>(undefined);
  const read = useSignal<{ value: string; high: boolean } | undefined>(undefined);
  const { hash, example, input, source } = map;
  useEffect(() => {
    const root = host.current;
    if (root === null) {
      return undefined;
    }
    const { view, room, draw } = start(root);
    const drawn = signal(0);
    const stop = effect(() => {
      try {
        const now = draw();
        if ("frame" in now) {
          view.update(now.frame, now.look);
          drawn.value = drawn.peek() + 1;
        } else if (now.kind === "busy" && drawn.peek() === 0) {
          const { shape, look } = room();
          view.reserve(shape, look);
        }
        message.value = "frame" in now ? now.condition : now;
      } catch (error) {
        message.value = { words: (error as Error).message, kind: "failed" };
      }
    });
    const forget = page.reader.add({ ...map, order, step: view.step });
    const stopReading = readable(page, map, root, view, drawn, (value, high) => {
      if (read.peek()?.value !== value || read.peek()?.high !== high) {
        read.value = value === undefined ? undefined : { value, high };
      }
    });
    return () => {
      stop();
      stopReading();
      forget();
      view.dispose();
    };
  }, [hash, example, input, source, order, ...of]);
  return (
    <div class={`tile ${message.value?.kind ?? ""} ${held ? "held" : ""}`}>
      <div class="stage">
        <div ref={host} class="view" role="img" aria-label={name} />
        {read.value === undefined ? null : (
          <p class={read.value.high ? "spot-value low" : "spot-value"}>{read.value.value}</p>
        )}
        {message.value === undefined ? null : (
          <p class="tile-words" title={message.value.words}>
            {message.value.words}
          </p>
        )}
      </div>
      {children}
    </div>
  );
}
