import { useEffect, useRef } from "preact/hooks";
import { bindings } from "#src/widgets/keys";
import type { Page } from "#src/widgets/page";

/** Every key, from the list that handles them. */
export function HelpSheet({ page }: { page: Page }) {
  const sheet = useRef<HTMLDialogElement>(null);
  const open = page.help.value;
  useEffect(() => {
    if (open) {
      sheet.current?.showModal(); // gives the focus back to where it was when it closes
    } else {
      sheet.current?.close();
    }
  }, [open]);
  const close = () => {
    page.help.value = false;
  };
  return (
    <dialog ref={sheet} class="help" aria-labelledby="help-title" onClose={close}>
      <h1 id="help-title">Keys</h1>
      <table>
        <tbody>
          {bindings(page).map(({ key, name, words }) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{name}</kbd>
              </th>
              <td>{words}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" class="choice" onClick={close}>
        Close
      </button>
    </dialog>
  );
}
