// Joins the page's terminal with its stream. The server's words are those of `OpenTerminal`.

import { Terminal } from "./xterm.mjs";
import { FitAddon } from "./addon-fit.mjs";

/** What one message carries at the most; the server takes far larger ones. */
const CHUNK = 16 * 1024;

const box = document.getElementById("terminal");
const [choice, button, screen, word] = [
  "select",
  "button",
  ".terminal-screen",
  "[role=status]",
].map((selector) => box.querySelector(selector));

// The page's policy refuses style elements and style attributes, which xterm.js writes. What says
// the same through the object model is allowed, and needs no policy that is weaker.
const create = document.createElement.bind(document);
document.createElement = (name, options) =>
  name === "style" ? styleSheet() : create(name, options);

function styleSheet() {
  const [sheet, stand] = [new CSSStyleSheet(), create("template")];
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(stand, "textContent", { set: (text) => sheet.replaceSync(text) });
  return stand;
}

const setAttribute = Element.prototype.setAttribute;
HTMLSpanElement.prototype.setAttribute = function (name, value) {
  if (name === "style") this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

function open() {
  button.disabled = true;
  word.textContent = "Connecting…";
  screen.replaceChildren(create("div"));
  const look = getComputedStyle(screen);
  const terminal = new Terminal({
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    fontFamily: look.fontFamily,
    fontSize: parseFloat(look.fontSize),
    screenReaderMode: true,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(screen.firstChild);
  fit.fit();

  const size = () => ({ columns: terminal.cols, rows: terminal.rows });
  const address = new URL(`${box.dataset.terminal}${choice.value}/terminal`, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.search = new URLSearchParams(size());
  const socket = new WebSocket(address);
  const say = (type, fields) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type, ...fields }));
  };
  const type = (bytes) => {
    for (let at = 0; at < bytes.length; at += CHUNK)
      say("input", { bytes: btoa(bytes.slice(at, at + CHUNK)) });
  };
  const fitting = new ResizeObserver(() => fit.fit());
  let farewell = "The connection was lost.";
  const hear = {
    output({ bytes }) {
      const shown = Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
      // Only what was drawn makes room for more.
      terminal.write(shown, () => say("taken", { bytes: shown.length }));
    },
    exited({ code }) {
      farewell = `The terminal ended with exit code ${code}.`;
    },
    refused({ message }) {
      farewell = message;
    },
  };

  terminal.onData((text) =>
    type(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("")),
  );
  terminal.onBinary(type);
  terminal.onResize(() => say("resize", size()));
  socket.onopen = () => {
    word.textContent = "";
    fitting.observe(screen);
    terminal.focus();
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    hear[message.type]?.(message);
  };
  socket.onclose = () => {
    fitting.disconnect();
    terminal.options.disableStdin = true;
    word.textContent = farewell;
    button.disabled = false;
    button.textContent = "Open a new terminal";
    button.focus();
  };
}

box.hidden = false;
button.addEventListener("click", open);
