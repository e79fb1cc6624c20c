// Joins the page's terminal with its stream. The server's words are those of `OpenTerminal`.

import { Terminal } from "./xterm.mjs";
import { FitAddon } from "./addon-fit.mjs";

/** What one message carries at the most. */
const CHUNK = 16 * 1024;
/** How much of what is typed may be on its way; the server says what it has taken. */
const WINDOW = 64 * 1024;
/** The server says something at least every 15 s; after three times that the line is dead. */
const SILENCE_MS = 45_000;

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

/** The one that is shown, also when it is over: what it showed can still be read and copied. */
let shown;

function open() {
  shown?.dispose();
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
  shown = terminal;
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
  let [typed, room] = ["", WINDOW];
  const type = (bytes) => {
    typed += bytes;
    while (typed && room) {
      const now = typed.slice(0, Math.min(CHUNK, room));
      typed = typed.slice(now.length);
      room -= now.length;
      say("input", { bytes: btoa(now) });
    }
  };
  const fitting = new ResizeObserver(() => fit.fit());
  let farewell = "The connection was lost.";
  let silence;
  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(() => close(), SILENCE_MS);
  };
  const hear = {
    taken({ bytes }) {
      room += bytes;
      type("");
    },
    output({ bytes }) {
      const printed = Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
      // Only what was drawn makes room for more.
      terminal.write(printed, () => say("taken", { bytes: printed.length }));
    },
    exited({ code, oom_killed }) {
      farewell = oom_killed
        ? "The terminal was killed because its instance ran out of memory."
        : `The terminal ended with exit code ${code}.`;
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
    listen();
    const message = JSON.parse(data);
    hear[message.type]?.(message);
  };
  // Not by the socket's own event alone: a line that is dead may take minutes to be closed.
  const close = () => {
    clearTimeout(silence);
    socket.onmessage = socket.onclose = null;
    socket.close();
    fitting.disconnect();
    terminal.options.disableStdin = true;
    word.textContent = farewell;
    button.disabled = false;
    button.textContent = "Open a new terminal";
    button.focus();
  };
  socket.onclose = close;
  listen();
}

box.hidden = false;
button.addEventListener("click", open);
