import type { Signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Selection } from "#src/state/selection";

/** Puts a text on the clipboard. False where the browser does not let this page. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text); // undefined on a server without TLS that is not this machine
    return true;
  } catch {
    return false;
  }
}

interface Props {
  /** The address to be copied; undefined where the page cannot know it. */
  readonly link: () => string | undefined;
  readonly selection: Signal<Selection>;
}

/** Copies TensorBoard's whole address, which opens this very view; says whether that is done. */
export function CopyLink({ link, selection }: Props) {
  const [copied, setCopied] = useState<{ readonly address: string | undefined; readonly done: boolean } | null>(null);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => selection.subscribe(() => setCopied(null)), [selection]); // what was copied is another view
  useEffect(() => box.current?.select(), [copied]);
  const press = async () => {
    const address = link();
    setCopied({ address, done: address !== undefined && (await copy(address)) });
  };
  const byHand = copied !== null && !copied.done;
  return (
    <span class="control">
      <button type="button" class="choice" onClick={press}>
        {copied?.done ? "Link copied" : "Copy link"}
      </button>
      <span role="status">
        {copied === null ? null : copied.done ? (
          <span class="unseen">The link to this view is copied</span>
        ) : copied.address === undefined ? (
          "Copy the address of the browser's window: this page may not read it."
        ) : (
          "The browser keeps the clipboard to itself. Copy by hand:"
        )}
      </span>
      {byHand && copied.address !== undefined ? (
        <input ref={box} aria-label="Link" readOnly value={copied.address} />
      ) : null}
    </span>
  );
}
