import { make } from "./richtext.js";

/** Builds the chat's parts in reading order, and returns those that something happens to. */
export function skeleton(root, words, { emergency }, full) {
  const parts = {};
  const part = (name, tag, className, ...children) => (parts[name] = make(tag, className, ...children));
  const button = (name, className, text) => Object.assign(part(name, "button", className, text), { type: "button" });
  const labels = [];
  /** Sets a property of a node (its first text, unless another is named) to a word, now and at each `relabel`. */
  const label = (node, key, property = null) => {
    const put = () => {
      if (property) node[property] = words[key];
      else if (node.firstChild) node.firstChild.data = words[key];
      else node.textContent = words[key];
    };
    labels.push(put);
    put();
    return node;
  };
  parts.relabel = () => labels.forEach((put) => put());

  label(button("launcher", "launcher", words.open), "open");
  parts.launcher.append(part("badge", "span", "badge"));
  parts.launcher.hidden = full;
  part("news", "p", "hidden").role = "status";

  const pieces = [header(), always(), conversation(), writing(), question()];
  const panel = part("panel", "section", full ? "panel full" : "panel", ...pieces);
  panel.hidden = !full;
  panel.role = full ? "region" : "dialog";
  label(panel, "title", "ariaLabel");
  root.append(parts.launcher, parts.news, panel);
  return parts;

  function header() {
    label(button("close", "plain close", "×"), "close", "ariaLabel");
    parts.close.hidden = full;
    return make("header", "", label(make(full ? "h1" : "h2", "", words.title), "title"), parts.close);
  }

  function always() {
    const call = label(part("call", "a", "call", words.call), "call");
    call.href = `tel:${emergency}`;
    const options = part("options", "details", "options", label(make("summary", "", words.options), "options"));
    const language = label(button("language", "plain", words.otherLanguage), "otherLanguage");
    const end = label(button("end", "plain", words.end), "end");
    options.append(make("div", "menu", language, button("larger", "plain", words.larger), end));
    const danger = label(make("span", "", words.danger), "danger");
    return make("div", "always", make("p", "danger", danger, " ", call), options);
  }

  function conversation() {
    const log = part("log", "div", "log", part("waiting", "div", "waiting-list"));
    Object.assign(log, { role: "log", tabIndex: 0, ariaLive: "polite" });
    label(log, "log", "ariaLabel");
    label(button("below", "below", words.newBelow), "newBelow").hidden = true;
    part("typing", "p", "typing");
    part("status", "p", "status").role = "status";
    return make("div", "conversation", log, parts.below, parts.typing, parts.status);
  }

  function writing() {
    const name = label(make("label", "hidden", words.message), "message");
    name.htmlFor = "text";
    const text = part("text", "textarea");
    Object.assign(text, { id: "text", rows: 2, autocomplete: "off", enterKeyHint: "send" });
    label(text, "message", "placeholder");
    text.setAttribute("aria-describedby", "warning counter");
    part("warning", "p", "warning").role = "alert";
    parts.warning.id = "warning";
    part("counter", "p", "counter").id = "counter";
    const form = part("form", "form", "", name, text, label(make("button", "send", words.send), "send"));
    const person = label(button("person", "person", words.person), "person");
    return make("div", "writing", parts.warning, parts.counter, form, person);
  }

  function question() {
    const ask = part("ask", "dialog", "ask", part("askText", "p", ""));
    label(button("endYes", "danger-button", words.endYes), "endYes");
    label(button("endNo", "plain", words.endNo), "endNo");
    ask.append(parts.endYes, parts.endNo);
    label(ask, "end", "ariaLabel");
    return ask;
  }
}
