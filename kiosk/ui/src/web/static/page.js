"use strict";
// Shows the kiosk's window and gives touches back. Frames and controls: see frames.rs and tree.rs.
const kiosk = document.getElementById("kiosk");
const picture = document.getElementById("picture").getContext("2d", { alpha: false });
const controls = document.getElementById("controls");
const live = document.getElementById("live");
const state = document.getElementById("state");
const TAGS = { button: "button", textbox: "input", heading: "h1", img: "div", listitem: "div", group: "div", text: "p" };
const KEYS = { Backspace: "\u0008", Enter: "\n", Escape: "\u001b" };

let socket = null;
let scale = 1;
let painting = Promise.resolve();
let page = null; // what stands before the viewer's eyes; see Ui::page in ui.rs

function fit() {
  scale = Math.min(innerWidth / 1080, innerHeight / 1920);
  const left = Math.max(0, (innerWidth - 1080 * scale) / 2);
  kiosk.style.transform = `translate(${left}px, 0) scale(${scale})`;
}

function send(message) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ ...message, page }));
}

function connect() {
  socket = new WebSocket(`ws://${location.host}/screen`);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => { state.textContent = ""; };
  socket.onmessage = (event) => {
    if (typeof event.data === "string") { place(JSON.parse(event.data)); return; }
    // One after another: a later frame must not be painted under an earlier one.
    painting = painting.then(() => paint(event.data)).finally(() => send({ do: "painted" }));
  };
  socket.onclose = () => {
    state.textContent = "接続が切れました。つなぎ直しています… / Reconnecting…";
    setTimeout(connect, 1000);
  };
}

async function paint(buffer) {
  const view = new DataView(buffer);
  const count = view.getUint16(0, true);
  const parts = [];
  for (let i = 0, at = 2; i < count; i++) {
    const [x, y] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    const length = view.getUint32(at + 8, true);
    const png = new Blob([new Uint8Array(buffer, at + 12, length)], { type: "image/png" });
    parts.push(createImageBitmap(png).then((bitmap) => ({ x, y, bitmap })));
    at += 12 + length;
  }
  for (const { x, y, bitmap } of await Promise.all(parts)) {
    picture.drawImage(bitmap, x, y);
    bitmap.close();
  }
}

// Controls keep their elements, and with them the focus, as long as their id stays.
function place({ page: now, nodes }) {
  const there = new Map();
  for (const element of controls.children) there.set(element.dataset.id, element);
  let before = null;
  const said = [];
  for (const node of nodes) {
    let element = there.get(node.id);
    there.delete(node.id);
    if (!element) element = make(node);
    update(element, node);
    const next = before ? before.nextSibling : controls.firstChild;
    if (element !== next) controls.insertBefore(element, next);
    before = element;
    if (node.live) said.push(node.value ? `${node.name} ${node.value}` : node.name);
  }
  for (const element of there.values()) element.remove();
  const text = said.join(" ");
  if (live.textContent !== text) live.textContent = text;
  page = now;
  if (kiosk.dataset.page !== String(now)) kiosk.dataset.page = now;
  // Grows with every change: whoever drives the page knows when a touch was answered.
  kiosk.dataset.changes = Number(kiosk.dataset.changes ?? 0) + 1;
}

function make(node) {
  const element = document.createElement(TAGS[node.role] || "p");
  element.dataset.id = node.id;
  if (node.role === "textbox") { element.readOnly = true; element.type = "text"; }
  if (["img", "listitem", "group"].includes(node.role)) element.setAttribute("role", node.role);
  if (node.role === "button") {
    element.type = "button";
    // A finger or mouse has touched the window already (below); this is the keyboard or a screen reader.
    element.addEventListener("click", (event) => { if (event.detail === 0) send({ do: "press", id: node.id }); });
  }
  return element;
}

function set(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function update(element, node) {
  // What is scrolled out of sight stays reachable, as a sliver at the nearest edge.
  const left = Math.min(Math.max(node.x, 0), 1079), top = Math.min(Math.max(node.y, 0), 1919);
  const width = node.seen ? node.width : 1, height = node.seen ? node.height : 1;
  Object.assign(element.style, {
    left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px`,
    pointerEvents: node.seen && node.role === "button" ? "auto" : "none",
  });
  if (node.mark) set(element, "data-mark", node.mark);
  if (node.role === "button") {
    element.disabled = !node.enabled;
    set(element, "aria-pressed", node.checked === undefined ? null : String(node.checked));
  }
  if (node.role === "textbox") {
    set(element, "aria-label", node.name);
    if (element.value !== (node.value || "")) element.value = node.value || "";
  } else if (["img", "group", "listitem"].includes(node.role)) {
    set(element, "aria-label", node.name);
    if (node.value) set(element, "aria-description", node.value);
  } else {
    const text = node.value ? `${node.name} ${node.value}` : node.name;
    if (element.textContent !== text) element.textContent = text;
  }
}

function at(event) {
  const box = kiosk.getBoundingClientRect();
  return { x: (event.clientX - box.left) / scale, y: (event.clientY - box.top) / scale };
}

let pressed = null;
kiosk.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || pressed !== null) return;
  pressed = event.pointerId;
  kiosk.setPointerCapture(event.pointerId);
  send({ do: "down", ...at(event) });
});
kiosk.addEventListener("pointermove", (event) => {
  if (event.pointerId === pressed) send({ do: "move", ...at(event) });
});
for (const end of ["pointerup", "pointercancel"]) {
  kiosk.addEventListener(end, (event) => {
    if (event.pointerId !== pressed) return;
    pressed = null;
    send({ do: "up", ...at(event) });
  });
}
kiosk.addEventListener("wheel", (event) => { send({ do: "wheel", by: event.deltaY, ...at(event) }); }, { passive: true });
kiosk.addEventListener("contextmenu", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const onControl = document.activeElement instanceof HTMLButtonElement;
  if (onControl && (event.key === "Enter" || event.key === " ")) return;
  const text = KEYS[event.key] || ([...event.key].length === 1 ? event.key : "");
  if (text) send({ do: "key", text });
});
addEventListener("resize", fit);
fit();
connect();
