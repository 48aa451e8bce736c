// A phone for the demo: sends texts as a carrier would, and shows what was delivered to its number.
import { typed } from "./chat/richtext.js";

const part = (id) => document.getElementById(id);
const PHONES = "bedside-simulator-phones"; // number → conversation id, so that a reload shows the same phone
const STATES = {
  queued: "on its way",
  sending: "on its way",
  sent: "sent",
  delivered: "delivered",
  unknown: "nobody knows whether it arrived",
  suppressed: "held back: no longer fitting",
};

let events = null;

const phones = () => JSON.parse(localStorage.getItem(PHONES) ?? "{}");
const number = () => part("number").value.replace(/[\s().-]/g, "");

function remember(conversationId) {
  localStorage.setItem(PHONES, JSON.stringify({ ...phones(), [number()]: conversationId }));
}

function show() {
  events?.close();
  part("number-error").textContent = "";
  part("status").textContent = "";
  draw([]);
  for (const button of document.querySelectorAll("[data-number]")) {
    button.setAttribute("aria-pressed", String(button.dataset.number === number()));
  }
  const id = phones()[number()];
  if (!id) return;
  events = new EventSource(`/api/simulator/${encodeURIComponent(id)}/events`);
  events.addEventListener("open", () => (part("status").textContent = ""));
  events.addEventListener("error", () => (part("status").textContent = "Reconnecting…"));
  events.addEventListener("thread", ({ data }) => draw(JSON.parse(data)));
}

function draw(texts) {
  const screen = part("screen");
  const kept = new Map([...screen.children].map((node) => [Number(node.dataset.seq), node]));
  const wanted = texts.map((text) => {
    const known = kept.get(text.seq);
    const bubble = known ?? bubbleOf(text);
    bubble.className = `text ${text.author === "patient" ? "mine" : "theirs"} ${text.delivery.state}`;
    bubble.lastElementChild.textContent = fate(text);
    return bubble;
  });
  const grown = wanted.length > screen.childElementCount;
  if (!wanted.length) return screen.replaceChildren();
  screen.append(...wanted.filter((node) => !node.isConnected));
  if (grown) screen.scrollTop = screen.scrollHeight;
}

function bubbleOf(text) {
  const bubble = document.createElement("div");
  bubble.dataset.seq = text.seq;
  bubble.append(line("who hidden", text.author === "patient" ? "You:" : "They:"));
  bubble.append(...typed(text.text || (text.media ? "" : "(empty)")));
  if (text.media) bubble.append(line("media", "[picture]"));
  bubble.append(line("fate", ""));
  return bubble;
}

function line(className, words) {
  const made = document.createElement("p");
  made.className = className;
  made.textContent = words;
  return made;
}

function fate({ author, at, delivery, segments, encoding }) {
  const when = new Date(at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  if (author === "patient") return when;
  const became = delivery.state === "failed" ? `not delivered: ${delivery.error ?? "refused"}` : STATES[delivery.state];
  return `${when} · ${author} · ${segments} ${segments === 1 ? "segment" : "segments"}, ${encoding} · ${became}`;
}

async function send() {
  const text = part("text");
  const picture = part("picture");
  if (!text.value.trim() && !picture.checked) {
    part("text-error").textContent = "Write something first, or send a picture.";
    return;
  }
  part("text-error").textContent = "";
  const message = { id: crypto.getRandomValues(new Uint32Array(4)).join("-"), number: number(), text: text.value, picture: picture.checked };
  try {
    const response = await fetch("/api/simulator/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(message),
    });
    const answer = await response.json();
    if (!response.ok) {
      part(answer.field === "number" ? "number-error" : "text-error").textContent = answer.error;
      return;
    }
    text.value = "";
    picture.checked = false;
    const isNew = phones()[number()] !== answer.conversation_id;
    remember(answer.conversation_id);
    if (isNew) show();
  } catch {
    part("text-error").textContent = "It could not be sent. Your text is still here; please try again.";
  }
}

part("write").addEventListener("submit", (event) => (event.preventDefault(), send()));
part("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send();
});
part("who").addEventListener("submit", (event) => (event.preventDefault(), show()));
part("number").addEventListener("change", show);
for (const button of document.querySelectorAll("[data-number]")) {
  button.addEventListener("click", () => {
    part("number").value = button.dataset.number;
    show();
    part("text").focus();
  });
}
show();
