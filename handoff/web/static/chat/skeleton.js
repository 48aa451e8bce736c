import { make } from "./richtext.js";

/** Builds the chat's parts in reading order, and returns those that something happens to. */
export function skeleton(root, words, { emergency }, full) {
  const parts = {};
  const part = (name, tag, className, ...children) => (parts[name] = make(tag, className, ...children));
  const button = (name, className, text) => Object.assign(part(name, "button", className, text), { type: "button" });

  button("launcher", "launcher", words.open);
  parts.launcher.append(part("badge", "span", "badge"));
  parts.launcher.hidden = full;
  part("news", "p", "hidden").role = "status";

  const pieces = [header(), always(), conversation(), writing(), question()];
  const panel = part("panel", "section", full ? "panel full" : "panel", ...pieces);
  panel.hidden = !full;
  panel.role = full ? "region" : "dialog";
  panel.ariaLabel = words.title;
  root.append(parts.launcher, parts.news, panel);
  return parts;

  function header() {
    button("close", "plain close", "×").ariaLabel = words.close;
    parts.close.hidden = full;
    return make("header", "", make(full ? "h1" : "h2", "", words.title), parts.close);
  }

  function always() {
    const call = part("call", "a", "call", words.call);
    call.href = `tel:${emergency}`;
    const options = part("options", "details", "options", make("summary", "", words.options));
    options.append(make("div", "menu", button("larger", "plain", words.larger), button("end", "plain", words.end)));
    return make("div", "always", make("p", "danger", `${words.danger} `, call), options);
  }

  function conversation() {
    const log = part("log", "div", "log", part("waiting", "div", "waiting-list"));
    Object.assign(log, { role: "log", tabIndex: 0, ariaLive: "polite", ariaLabel: words.log });
    button("below", "below", words.newBelow).hidden = true;
    part("typing", "p", "typing");
    part("status", "p", "status").role = "status";
    return make("div", "conversation", log, parts.below, parts.typing, parts.status);
  }

  function writing() {
    const label = make("label", "hidden", words.message);
    label.htmlFor = "text";
    const text = part("text", "textarea");
    Object.assign(text, { id: "text", rows: 2, placeholder: words.message, autocomplete: "off", enterKeyHint: "send" });
    text.setAttribute("aria-describedby", "warning counter");
    part("warning", "p", "warning").role = "alert";
    parts.warning.id = "warning";
    part("counter", "p", "counter").id = "counter";
    const form = part("form", "form", "", label, text, make("button", "send", words.send));
    return make("div", "writing", parts.warning, parts.counter, form, button("person", "person", words.person));
  }

  function question() {
    const ask = part("ask", "dialog", "ask", part("askText", "p", ""));
    ask.append(button("endYes", "danger-button", words.endYes), button("endNo", "plain", words.endNo));
    ask.ariaLabel = words.end;
    return ask;
  }
}
