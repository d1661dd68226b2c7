// A clerk's keyboard, and which parts of a case were on the screen long enough to be read.
"use strict";

const READ_AFTER = 1500; // milliseconds
const dialog = document.getElementById("keys");
const hint = document.querySelector(".keys-hint");
if (hint) hint.hidden = false;

function press(selector) {
  const found = document.querySelector(selector);
  found?.click();
  return Boolean(found);
}

function focus(selector) {
  const found = document.querySelector(selector);
  found?.scrollIntoView({ block: "nearest" });
  found?.focus();
  return Boolean(found);
}

function openReturn() {
  const button = document.querySelector("#decision button[value=return]");
  const details = button?.closest("details");
  if (!details) return false;
  details.open = true;
  return focus("#decision details[open] input");
}

const KEYS = {
  n: () => press("#next-case") || press("#result_list tbody th a"),
  p: () => focus("#decision button.default"),
  r: openReturn,
  o: () => focus("#id_opinion"),
  l: () => press(".breadcrumbs a:nth-of-type(2)"),
  "/": () => focus("#searchbar") || focus("#nav-filter"),
  "?": () => { if (!dialog.open) dialog.showModal(); return true; },
};

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || dialog?.open) return;
  if (event.target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]")) return;
  if (KEYS[event.key]?.()) event.preventDefault();
});

// What was read is remembered by this browser, for the case as it stands: a correction is read anew. A
// part counts when its end was on the screen for a while: of a long one the beginning alone does not.
const contents = document.querySelector(".desk-contents");
if (contents) {
  const key = `read:${contents.dataset.read}`;
  const read = new Set(JSON.parse(localStorage.getItem(key) ?? "[]"));
  const links = new Map([...contents.querySelectorAll("a")].map(link => [link.hash.slice(1), link]));
  const mark = name => links.get(name)?.classList.add("read");
  const timers = new Map();
  read.forEach(mark);
  const observer = new IntersectionObserver(entries => entries.forEach(({ target, isIntersecting }) => {
    const name = target.dataset.endOf;
    clearTimeout(timers.get(name));
    if (!isIntersecting) return;
    timers.set(name, setTimeout(() => {
      read.add(name);
      mark(name);
      localStorage.setItem(key, JSON.stringify([...read]));
    }, READ_AFTER));
  }));
  links.forEach((link, name) => {
    const part = document.getElementById(name);
    if (!part) return;
    const end = document.createElement("div");
    end.dataset.endOf = name;
    part.append(end);
    observer.observe(end);
  });
}
