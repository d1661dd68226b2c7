// Saving of an application's draft: says whether it was saved, tries again after a lost
// connection, and keeps what is typed on this computer until the site has it.
"use strict";
(() => {
  const PREFIX = "draft:";
  const RETRY = 15000; // milliseconds
  // The site, or its database, is away for a while.
  const AWAY = new Set([502, 503, 504]);
  const NOT_CONTENT = new Set(["csrfmiddlewaretoken", "seen", "asked", "version", "resolve", "truthful", "confirmed_unmet", "unmet_seen"]);

  const read = (key) => {
    try { return JSON.parse(localStorage.getItem(PREFIX + key)); } catch { return null; }
  };
  const write = (key, value) => {
    try { localStorage.setItem(PREFIX + key, JSON.stringify(value)); } catch { /* full or forbidden */ }
  };
  const forget = (key) => {
    try { localStorage.removeItem(PREFIX + key); } catch { /* forbidden */ }
  };

  // What was handed in needs no keeping.
  for (const part of document.querySelectorAll("[data-handed-in]")) {
    try {
      for (const name of Object.keys(localStorage)) {
        if (!name.startsWith(PREFIX + part.dataset.handedIn)) continue;
        const kept = read(name.slice(PREFIX.length));
        if (!kept || kept.at / 1000 <= Number(part.dataset.at) + 1) localStorage.removeItem(name);
      }
    } catch { /* forbidden */ }
  }

  const form = document.getElementById("draft");
  if (!form) return;
  const key = form.dataset.draft;
  const version = () => document.getElementById("draft-version");
  let waiting; // the timer of the next attempt
  let changes = 0, sent = 0;

  const values = () => {
    const found = {};
    for (const [name, value] of new FormData(form)) {
      if (NOT_CONTENT.has(name) || name.startsWith("keep_") || value instanceof File) continue;
      if (value !== "") (found[name] ||= []).push(value);
    }
    return found;
  };
  const say = (text, failed) => {
    const status = document.getElementById("draft-status");
    if (status.textContent !== text) status.textContent = text;
    status.classList.toggle("draft-failed", failed);
  };
  const tryAgain = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => htmx.trigger(form, "save"), RETRY);
  };

  const atFirst = JSON.stringify(values());
  form.addEventListener("input", (event) => {
    if (event.target.closest("[data-not-saved]")) {
      event.stopImmediatePropagation(); // these are said anew each time
      return;
    }
    changes += 1;
    write(key, { at: Date.now(), version: version().value, values: values() });
    say("正在保存…", false);
  }, true);
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt === form) sent = changes;
  });
  form.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig.elt !== form) return;
    const answer = event.detail.xhr.getResponseHeader("X-Draft");
    if (answer === "conflict") {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
      event.detail.target = document.getElementById("draft-conflict");
      say("没有保存：有别人改过的内容，请在上面选择", true);
      event.detail.target.scrollIntoView({ block: "start" });
    } else if (answer !== "saved" && AWAY.has(event.detail.xhr.status)) {
      event.detail.shouldSwap = false;
      say("没有保存，网站恢复后会再试", true);
      tryAgain();
    } else if (answer !== "saved") {
      // Logged out, or the page is gone: another page came back.
      event.detail.shouldSwap = false;
      say("没有保存，您填的都留在这台电脑上。请重新打开本页，登录后可以恢复", true);
    }
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt !== form) return;
    const answer = event.detail.xhr.getResponseHeader("X-Draft");
    if (answer !== "saved") return;
    clearTimeout(waiting);
    if (sent === changes) forget(key);
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    form.addEventListener(name, (event) => {
      if (event.detail.elt !== form) return;
      say("没有保存，联网后会再试", true);
      tryAgain();
    });
  }
  window.addEventListener("online", () => {
    if (document.getElementById("draft-status").classList.contains("draft-failed")) htmx.trigger(form, "save");
  });

  // What a closed browser had not saved is offered back.
  const kept = read(key);
  const box = document.getElementById("draft-kept");
  const labelOf = (name) => {
    const field = form.elements.namedItem(name);
    const first = field instanceof RadioNodeList ? field[0] : field;
    if (!first) return "";
    const legend = first.closest("fieldset")?.querySelector("legend");
    return (legend || first.labels?.[0])?.textContent.replace("*", "").trim() || name;
  };
  const inWords = (name, wanted) => wanted.map((value) => {
    const field = form.elements.namedItem(name);
    const options = field instanceof RadioNodeList ? [...field] : [field];
    const chosen = options.find((each) => each.value === value && each.labels && each.type !== "text");
    if (chosen?.labels?.[0] && chosen.type !== "select-one") return chosen.labels[0].textContent.trim();
    const option = field.options && [...field.options].find((each) => each.value === value);
    return option ? option.textContent.trim() : value;
  }).join("；") || "（空）";
  const put = (name, wanted) => {
    const field = form.elements.namedItem(name);
    for (const each of field instanceof RadioNodeList ? field : [field]) {
      if (each.type === "checkbox" || each.type === "radio") each.checked = wanted.includes(each.value);
      else each.value = wanted[0] || "";
      each.closest("details")?.setAttribute("open", "");
    }
  };
  if (kept) {
    const shown = JSON.parse(atFirst);
    const names = [...new Set([...Object.keys(kept.values), ...Object.keys(shown)])].filter(
      (name) => labelOf(name) && JSON.stringify(kept.values[name] || []) !== JSON.stringify(shown[name] || []));
    if (!names.length) forget(key);
    else {
      for (const name of names) {
        const line = document.createElement("li");
        line.textContent = `${labelOf(name)}：${inWords(name, kept.values[name] || [])}`;
        document.getElementById("draft-kept-list").append(line);
      }
      box.hidden = false;
      document.getElementById("draft-restore").addEventListener("click", () => {
        for (const name of names) put(name, kept.values[name] || []);
        // As old as what was typed: what others changed since is asked, not overwritten.
        version().value = kept.version;
        changes += 1;
        write(key, { at: Date.now(), version: kept.version, values: values() });
        box.hidden = true;
        htmx.trigger(form, "save");
      });
      document.getElementById("draft-forget").addEventListener("click", () => {
        forget(key);
        box.hidden = true;
      });
    }
  }
})();
