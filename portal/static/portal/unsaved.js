// What was typed in a form and not saved is kept in this browser, for the same user and the same row,
// and offered again. A form takes part by a #unsaved notice in it; other pages only clear what was
// saved meanwhile, and the log-out all of it.
"use strict";
(() => {
  const MARK = "unsaved ", SENT = "unsaved-sent", OWN = ["csrfmiddlewaretoken", "_resume"];
  const { user } = document.currentScript.dataset;

  function reach(kind) {
    try { return window[kind]; } catch { return null; }  // a browser may keep nothing
  }
  const kept = reach("localStorage"), tab = reach("sessionStorage");
  if (!kept || !tab || !user) return;

  let leaves = false;
  const sent = tab.getItem(SENT);
  if (sent && document.querySelector(".messagelist .success")) {
    kept.removeItem(sent);
    tab.removeItem(SENT);
  }
  for (const logout of document.querySelectorAll("form[action$='/logout/']")) {
    logout.addEventListener("submit", () => {
      for (const key of Object.keys(kept)) if (key.startsWith(`${MARK}${user} `)) kept.removeItem(key);
      leaves = true;
    });
  }

  const notice = document.getElementById("unsaved"), form = notice?.closest("form");
  if (!form) return;
  const key = `${MARK}${user} ${location.pathname}${location.search}`;
  const typed = () => [...new FormData(form)].filter(
    ([name, value]) => typeof value === "string" && !OWN.includes(name));
  const told = () => JSON.stringify(typed());
  let waits, first, isTouched = false;

  function isDirty() {
    return "sentBack" in notice.dataset || isTouched && told() !== first;
  }

  function keep() {
    if (!isDirty()) { if (!offered) kept.removeItem(key); return; }
    const now = { at: new Date().toLocaleString("zh-CN"), seen: notice.dataset.seen, fields: typed() };
    try { kept.setItem(key, JSON.stringify(now)); } catch { /* full: the warning on leaving stays */ }
    drop();
  }

  function drop() {
    notice.hidden = true;
    offered = null;
  }

  function resume() {
    const again = document.createElement("form");
    again.method = "post";
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    for (const [name, value] of [...offered.fields, ["csrfmiddlewaretoken", token], ["_resume", "1"]]) {
      const input = document.createElement("textarea");
      input.name = name;
      input.value = value;
      again.append(input);
    }
    again.hidden = true;
    document.body.append(again);
    leaves = true;
    again.submit();
  }

  let offered = "sentBack" in notice.dataset ? null : JSON.parse(kept.getItem(key) ?? "null");
  // Other scripts of the page have drawn their fields by now.
  window.addEventListener("load", () => {
    first = told();
    if (offered && JSON.stringify(offered.fields) === first) offered = null;
    if (offered) {
      notice.querySelector("[data-at]").textContent = offered.at;
      notice.querySelector("[data-older]").hidden = offered.seen === notice.dataset.seen;
      notice.hidden = false;
    }
    notice.querySelector("[data-resume]").addEventListener("click", resume);
    notice.querySelector("[data-drop]").addEventListener("click", () => { kept.removeItem(key); drop(); });
    for (const event of ["input", "change", "click"]) {
      form.addEventListener(event, ({ isTrusted }) => {
        isTouched ||= isTrusted;
        clearTimeout(waits);
        waits = setTimeout(keep, 300);
      });
    }
    // What the page draws by itself is nobody's typing; what it draws after a click is.
    form.addEventListener("htmx:afterSettle", () => { if (isTouched) keep(); else first = told(); });
    if (isDirty()) keep();
  });
  form.addEventListener("submit", () => {
    clearTimeout(waits);
    if (isDirty()) keep();
    tab.setItem(SENT, key);
    leaves = true;
  });
  window.addEventListener("beforeunload", event => {
    if (leaves || first === undefined || !isDirty()) return;
    keep();
    event.preventDefault();
  });
})();
