// A modal dialog: the browser keeps the focus in it, and gives it back.
import { useWords } from "../state/words.js";
import { html, useEffect, useId, useRef, useState } from "../vendor/view.js";
import { Button } from "./basic.js";
import { failureWords } from "./page.js";

/** `title`, `children`, `onClose`; `kind` is a class of it. Rendered only while it is open. */
export function Dialog({ title, onClose, kind = "", children }) {
  const box = useRef(null);
  const id = useId();
  const say = useWords();
  useEffect(() => {
    box.current.showModal();
    return () => box.current?.close();
  }, []);
  const outside = (event) => event.target === box.current && onClose();
  return html`<dialog ref=${box} class=${kind} aria-labelledby=${id} onClose=${onClose} onClick=${outside}>
    <div class="dialog-box">
      <header>
        <h2 id=${id}>${title}</h2>
        <${Button} icon="close" kind="plain" label=${say("close")} onPress=${onClose} />
      </header>
      ${children}
    </div>
  </dialog>`;
}

/** Asks before a deed. `act` does it (a Failure of it is told here, and the dialog stays); `kind` of its button,
 *  which cannot be pressed until it is `ready`. */
export function Confirm({ title, action, kind = "primary", ready = true, act, onClose, children }) {
  const say = useWords();
  const [failure, fail] = useState(null);
  const confirm = async () => {
    fail(null);
    try {
      await act();
      onClose();
    } catch (error) {
      fail(error);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <div class="dialog-body">${children}</div>
    ${failure && html`<p class="notice bad" role="alert">${failureWords(failure, say)}</p>`}
    <footer>
      <${Button} onPress=${onClose}>${say("cancel")}<//>
      <${Button} kind=${kind} disabled=${!ready} onPress=${confirm}>${action}<//>
    </footer>
  <//>`;
}
