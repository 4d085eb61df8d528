/** Messages that TensorBoard sends to a plugin's frame. */
export type HostEvent = "experimental.RunsChanged" | "experimental.DataReloaded";

interface Message {
  readonly type: string;
  readonly id: number;
  readonly payload: unknown;
  readonly error: string | null;
  readonly isReply: boolean;
}

/** Listens to TensorBoard; `onEvent` is called when its runs or data changed. Returns what stops it. */
export function connect(onEvent: (event: HostEvent) => void, host: Window = parent): () => void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.isReply) {
      return;
    }
    // The host waits for an answer to each of its messages.
    port1.postMessage(
      JSON.stringify({ type: message.type, id: message.id, payload: null, error: null, isReply: true }),
    );
    if (message.type === "experimental.RunsChanged" || message.type === "experimental.DataReloaded") {
      onEvent(message.type);
    }
  };
  host.postMessage("experimental.bootstrap", "*", [port2]);
  return () => port1.close();
}

/** Follows the host's dark mode, which `prefers-color-scheme` does not. Returns what stops it. */
export function followTheme(onChange: (dark: boolean) => void, host: Window = parent): () => void {
  const body = host.document.body;
  const tell = () => onChange(body.classList.contains("dark-mode"));
  const observer = new MutationObserver(tell);
  observer.observe(body, { attributes: true, attributeFilter: ["class"] });
  tell();
  return () => observer.disconnect();
}
