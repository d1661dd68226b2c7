// Rules and amounts: finding a fact as it is typed, and no letter lost while a form is swapped.
"use strict";

// --- what is typed while the next form is on its way ---------------------------------------

let typing = null;

document.addEventListener("htmx:beforeSwap", event => {
  const input = document.activeElement;
  const inside = event.detail.target.contains(input) && input.matches("input[name], textarea[name]");
  typing = inside && !["checkbox", "hidden"].includes(input.type) ? { id: input.id, value: input.value } : null;
});

// A live region is told only where it stood before: what is swapped in is repeated in one that stays.
const live = document.createElement("div");
live.className = "visually-hidden";
live.setAttribute("role", "status");
document.querySelector("main")?.append(live);

document.addEventListener("htmx:afterSwap", event => {
  const said = document.getElementById(event.detail.target.id) ?? event.detail.elt;
  const told = said?.querySelectorAll?.("[data-told]") ?? [];
  live.textContent = [...told].map(each => each.textContent.trim()).filter(Boolean).join(" ");
  const input = typing?.id ? document.getElementById(typing.id) : null;
  if (input && document.activeElement === input) input.value = typing.value;
  typing = null;
});

// Rows that the admin's own script adds; its own buttons are no builders' buttons.
document.addEventListener("formset:added", event => htmx.process(event.target));

// --- a list of what may be meant -----------------------------------------------------------

const list = document.createElement("ul");
list.id = "builder-found";
list.className = "builder-found";
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "可能的选择");
list.hidden = true;
let box = null, timer = 0, asked = 0;

function close() {
  clearTimeout(timer);
  asked += 1;
  list.hidden = true;
  list.replaceChildren();
  box?.setAttribute("aria-expanded", "false");
  box?.removeAttribute("aria-activedescendant");
}

// Of several values with a mark between them, the one at the end is completed.
function parts(input) {
  const at = input.dataset.source ? Math.max(...["；", ";"].map(mark => input.value.lastIndexOf(mark))) + 1 : 0;
  return [input.value.slice(0, at), input.value.slice(at)];
}

function take(option) {
  const input = box;
  input.value = parts(input)[0] + option.dataset.value;
  close();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  close(); // the event for the sentence asks for no list once more
  input.focus();
}

function show(input, found) {
  list.replaceChildren(...found.map((each, place) => {
    const option = document.createElement("li");
    option.id = `builder-found-${place}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.value = each.value;
    const more = document.createElement("small");
    more.textContent = each.more;
    option.append(each.value, " ", more);
    return option;
  }));
  input.after(list);
  list.hidden = found.length === 0;
  input.setAttribute("aria-expanded", String(found.length > 0));
  input.setAttribute("aria-controls", list.id);
}

async function ask(input) {
  const text = parts(input)[1].trim();
  if (!text) return close();
  const query = new URLSearchParams({ q: text });
  if (input.dataset.source) query.set("source", input.dataset.source);
  if (input.dataset.types) query.set("types", input.dataset.types);
  if ("asked" in input.dataset) query.set("asked", "1");
  const own = ++asked;
  const answer = await fetch(`${input.closest(".builder").dataset.facts}?${query}`);
  if (!answer.ok) return;
  const { found } = await answer.json();
  if (own === asked && document.activeElement === input) show(input, found);
}

document.addEventListener("input", event => {
  if (!event.isTrusted || !event.target.matches(".builder [role=combobox]")) return;
  box = event.target;
  clearTimeout(timer);
  timer = setTimeout(ask, 200, box);
});

function move(by) {
  const options = [...list.children];
  const now = options.findIndex(each => each.getAttribute("aria-selected") === "true");
  options[now]?.setAttribute("aria-selected", "false");
  const next = options[(now + by + options.length + (now < 0 && by < 0 ? 1 : 0)) % options.length];
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
  box.setAttribute("aria-activedescendant", next.id);
}

document.addEventListener("keydown", event => {
  if (event.target !== box || event.isComposing) return;
  const chosen = list.querySelector("[aria-selected=true]");
  if (event.key === "Escape" && !list.hidden) close();
  else if (event.key === "ArrowDown" && !list.hidden) move(1);
  else if (event.key === "ArrowUp" && !list.hidden) move(-1);
  else if (event.key === "Enter" && chosen) take(chosen);
  else return;
  event.preventDefault();
});

// A click on an option must not take the focus away, which would close the list before.
list.addEventListener("mousedown", event => event.preventDefault());
list.addEventListener("click", event => {
  const option = event.target.closest("[role=option]");
  if (option) take(option);
});
document.addEventListener("focusout", event => { if (event.target === box) close(); });

// Enter in a box saves nothing by chance: it would press the form's first button.
document.addEventListener("keydown", event => {
  if (event.key !== "Enter" || event.defaultPrevented || event.isComposing) return;
  if (!event.target.matches(".builder input:not([type=checkbox])")) return;
  event.preventDefault();
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
});
