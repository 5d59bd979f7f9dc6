/* What the pages do beyond links and forms: theme, keys, choosing rows, the palette, drafts, who else is here. Everything
   here has a link or a button that does the same without script. */
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isShown = (element) => element.checkVisibility();
  const csrf = () => find("input[name=csrf]")?.value ?? "";
  const post = (path, fields, options = {}) => fetch(path, {
    method: "POST", body: new URLSearchParams(fields), headers: { "x-csrf-token": csrf() }, ...options,
  });

  /* --- theme */
  const isDark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const turnTheme = () => {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("claimdesk.theme", next);
  };

  /* --- the ticket that was opened */
  const showLatest = () => {
    const timeline = find(".timeline");
    if (timeline && ["", "#case", "#ticket"].includes(location.hash)) timeline.scrollTop = timeline.scrollHeight;
  };
  const standOn = (address) => { // what a refused form shows has the address of its page, not of the form
    if (address && location.pathname !== new URL(address, location).pathname) history.replaceState(null, "", address);
  };
  const select = () => {
    for (const row of all(".row")) {
      const isOpen = new URL(row.href).pathname === location.pathname;
      row.toggleAttribute("aria-current", isOpen);
      if (isOpen) { row.setAttribute("aria-current", "true"); row.classList.remove("new"); find(".newly", row)?.remove(); }
    }
  };

  /* --- choosing rows: the last one chosen is where a range begins */
  let lastPicked = null;
  const tell = () => {
    const form = find("#bulk");
    if (!form) return;
    const number = all(".pick:checked").length;
    form.toggleAttribute("data-open", number > 0);
    const said = find("[data-picked]", form);
    if (said) said.textContent = number;
    const action = form.elements.action?.value;
    for (const field of all("[data-when]", form)) field.hidden = field.dataset.when !== action;
  };
  const pick = (range) => {
    const boxes = all(".pick").filter(isShown);
    const row = document.activeElement?.closest("li") ?? find(".row[aria-current]")?.closest("li");
    const box = row && find(".pick", row);
    if (!box) return;
    if (range && lastPicked) {
      const [from, to] = [boxes.indexOf(lastPicked), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const each of boxes.slice(from, to + 1)) each.checked = true;
    } else box.checked = !box.checked;
    lastPicked = box;
    tell();
  };

  /* --- keys */
  const rows = () => all(".row").filter(isShown);
  const step = (by) => {
    const list = rows();
    const at = Math.max(list.indexOf(document.activeElement), list.findIndex((row) => row.hasAttribute("aria-current")));
    const next = list[Math.min(Math.max(at + by, 0), list.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  };
  const write = (medium) => {
    const choice = medium ? find(`.compose input[value="${medium}"]`) : find(".compose input[name=medium]:checked");
    if (!choice) return;
    choice.checked = true;
    const field = find(".compose textarea");
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  };
  const press = (key) => {
    const shown = all(`[data-key="${CSS.escape(key)}"]`).filter(isShown);
    const target = ["z", "l"].includes(key) ? shown.at(-1) : shown[0]; // undo and unlink begin with what was done last
    if (!target) return;
    if (target.matches("summary")) {
      const menu = target.parentElement;
      menu.open = !menu.open || !menu.contains(document.activeElement);
      if (menu.open) find("button, input:not([type=hidden]), select, textarea", menu)?.focus();
    } else {
      if (target.matches("input")) target.focus();
      target.click();
    }
  };
  const close = () => {
    const open = find("details[open].why, details[open].menu");
    if (open) { open.open = false; find("summary", open).focus(); return; }
    if (location.hash === "#case") { location.hash = "#ticket"; return; }
    if (document.activeElement?.matches("textarea, input")) { document.activeElement.blur(); return; }
    const picked = all(".pick:checked");
    if (picked.length) { for (const box of picked) box.checked = false; tell(); return; }
    find("[data-close]")?.click();
  };
  const go = (path) => { location.href = path; };
  const copy = () => {
    const row = document.activeElement?.closest(".row") ?? find(".row[aria-current]");
    const ref = find(".ticket .meta .ref")?.textContent ?? row?.dataset.ref;
    if (ref) navigator.clipboard?.writeText(ref);
  };
  const views = { m: "mine", t: "team", w: "waiting", d: "due", n: "not_reached", u: "unlinked" };
  const keys = {
    j: () => step(1), k: () => step(-1),
    r: () => write(null), n: () => write("note"), p: () => write("call"),
    x: () => pick(false), X: () => pick(true),
    w: () => go("/best"), ".": copy,
    "/": () => openPalette(""),
    c: () => { if (find("#case")) location.hash = location.hash === "#case" ? "#ticket" : "#case"; },
    "\\": () => { const folded = document.documentElement.toggleAttribute("data-folded"); localStorage.setItem("claimdesk.folded", folded ? "yes" : ""); },
    "?": () => find("#keys")?.showModal(),
    theme: () => turnTheme(),
  };
  const isTyping = (element) => element.matches?.("input:not([type=checkbox], [type=radio], [type=file]), textarea, select");
  const areOff = () => localStorage.getItem("claimdesk.keys") === "off";
  let afterG = 0;

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(""); return; }
    if (event.key === "Escape" && !find("dialog[open]")) { close(); return; }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form") ?? all(".builder form, .judge, .compose").find((each) => all("button.main", each).some(isShown));
      const send = form && all("button.main", form).find(isShown);
      if (send) { event.preventDefault(); form.requestSubmit(send); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || find("dialog[open]") || areOff()) return;
    if (afterG && Date.now() - afterG < 1500) {
      afterG = 0;
      const view = views[event.key] ?? all("[data-go]").find((link) => link.dataset.go === event.key)?.pathname;
      if (view) { event.preventDefault(); go(view.startsWith("/") ? view : `/inbox/${view}`); }
      return;
    }
    if (event.key === "g") { afterG = Date.now(); return; }
    const act = keys[event.key] ?? (all(`[data-key="${CSS.escape(event.key)}"]`).some(isShown) ? () => press(event.key) : null);
    if (act) { event.preventDefault(); act(); }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-switch]")) turnTheme();
    if (event.target.closest("[data-keys]")) keys["?"]();
    if (event.target.closest("[data-palette]")) openPalette("");
    if (event.target.closest("[data-edit]")) write(null);
    const other = event.target.closest("[data-write]");
    if (other) write(other.dataset.write);
    for (const open of all("details[open].why, details[open].menu")) if (!open.contains(event.target)) open.open = false;
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches(".pick")) { lastPicked = event.target; tell(); }
    if (event.target.closest("#bulk")) tell();
    if (event.target.matches("[data-keys-off]")) localStorage.setItem("claimdesk.keys", event.target.checked ? "off" : "");
  });

  /* --- the palette: what can be done here, and what can be found anywhere */
  let asking = null;
  let steps = []; // the ways in: each the name of a step and the words that led to it
  let isDue = false; // Enter was pressed before its words were answered
  let ahead = ""; // what was typed after that Enter: it belongs to the step that follows
  const openPalette = (words) => {
    const dialog = find("#palette");
    if (!dialog) return;
    if (!dialog.open) dialog.showModal();
    [steps, ahead] = [[], ""];
    find("[data-on]", dialog).textContent = find(".ticket .meta .ref")?.textContent ?? "";
    fill(words);
  };
  const fill = (words) => {
    const field = find("#palette input");
    field.value = words;
    ask(words);
  };
  const name = (title, asks) => {
    const chip = find("#palette [data-step-name]");
    const field = find("#palette input");
    field.dataset.first ??= field.placeholder;
    chip.hidden = !title;
    chip.textContent = title ?? "";
    field.placeholder = title ? asks : field.dataset.first;
    field.setAttribute("aria-label", title ? `${title} ${asks}` : find("#palette").getAttribute("aria-label"));
  };
  const enter = (step) => {
    const [words, ...rest] = ahead.split("\n");
    steps.push({ step, words: find("#palette input").value });
    ahead = rest.join("\n");
    fill(words);
    isDue = rest.length > 0;
  };
  const leave = () => { fill(steps.pop().words); };
  const ask = async (words) => {
    asking?.abort();
    asking = new AbortController();
    isDue = false;
    const mine = asking;
    const step = steps.at(-1)?.step ?? "";
    const here = location.pathname.startsWith("/tickets/") ? location.pathname.split("/")[2] : "";
    try {
      const answer = await fetch(`/palette?q=${encodeURIComponent(words)}&ticket=${here}&step=${encodeURIComponent(step)}`, { signal: mine.signal });
      if (!answer.ok) return;
      const said = await answer.text();
      if (mine !== asking) return;
      asking = null;
      find("#palette [data-found]").innerHTML = said;
      const title = find("#palette [data-title]");
      name(title?.dataset.title, title?.dataset.asks);
      choose(0);
      if (isDue) { isDue = false; run(options()[0]); }
    } catch (error) { if (error.name !== "AbortError") throw error; }
  };
  const options = () => all("#palette [role=option]");
  const choose = (at) => {
    const list = options();
    list.forEach((each, number) => each.setAttribute("aria-selected", number === at));
    const field = find("#palette input");
    if (list[at]) { field.setAttribute("aria-activedescendant", list[at].id); list[at].scrollIntoView({ block: "nearest" }); }
  };
  const postFields = (path, fields) => { // as a form beside the ticket would: with the list it stands beside
    const form = document.createElement("form");
    const beside = all(".compose input[type=hidden]").map((each) => [each.name, each.value]);
    for (const [key, value] of Object.entries({ ...Object.fromEntries(beside), ...fields })) {
      const field = form.appendChild(document.createElement("input"));
      [field.type, field.name, field.value] = ["hidden", key, value];
    }
    [form.method, form.action, form.hidden] = ["post", path, true];
    document.body.append(form);
    form.requestSubmit();
  };
  const postComposer = (path) => {
    const form = find(".compose");
    const button = document.createElement("button");
    button.formAction = path;
    button.hidden = true;
    form.append(button);
    form.requestSubmit(button);
  };
  const run = (option) => {
    if (!option || option.getAttribute("aria-disabled") === "true") return;
    if (option.dataset.step) { enter(option.dataset.step); return; }
    find("#palette").close();
    if (option.dataset.press) press(option.dataset.press);
    else if (option.dataset.act && keys[option.dataset.act]) keys[option.dataset.act]();
    else if (option.dataset.fields) postFields(option.dataset.post, JSON.parse(option.dataset.fields));
    else if (option.dataset.post) postComposer(option.dataset.post);
    else if (option.dataset.href) go(option.dataset.href);
  };
  document.addEventListener("input", (event) => { if (event.target.closest("#palette")) ask(event.target.value); });
  document.addEventListener("keydown", (event) => {
    const dialog = find("#palette[open]");
    if (!dialog) return;
    if (isDue && !event.ctrlKey && !event.metaKey && (event.key.length === 1 || event.key === "Enter")) {
      event.preventDefault();
      ahead += event.key === "Enter" ? "\n" : event.key;
      return;
    }
    const list = options();
    const at = list.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") { event.preventDefault(); choose(Math.min(at + 1, list.length - 1)); }
    if (event.key === "ArrowUp") { event.preventDefault(); choose(Math.max(at - 1, 0)); }
    if (event.key === "Enter") { event.preventDefault(); if (asking) isDue = true; else run(list[at]); }
    const { value, selectionStart } = find("input", dialog);
    if (event.key === "ArrowRight" && selectionStart === value.length && list[at]?.dataset.step) { event.preventDefault(); run(list[at]); }
    if (steps.length && (event.key === "Escape" || (!value && ["Backspace", "ArrowLeft"].includes(event.key)))) { event.preventDefault(); leave(); }
  });
  document.addEventListener("click", (event) => run(event.target.closest("#palette [role=option]")));

  /* --- drafts: kept on the server a moment after the last letter */
  let draftTimer = 0;
  let writes = 0;
  let isUnsaved = false;
  document.addEventListener("input", (event) => {
    const form = event.target.closest(".compose");
    if (!form || event.target.name !== "body") return;
    if (Date.now() - writes > 5000) say("writes");
    writes = Date.now();
    clearTimeout(draftTimer);
    draftTimer = setTimeout(async () => {
      const medium = new FormData(form).get("medium");
      const said = find("[data-draft]", form);
      const answer = await post(form.action.replace(/\/reply$/, "/draft"), { medium, body: event.target.value }).catch(() => null);
      isUnsaved = !answer?.ok;
      const bill = find("[data-bill]", form);
      if (bill && answer?.ok) bill.textContent = await answer.text();
      if (said) said.textContent = answer?.ok ? `${said.dataset.saved} ${new Date().toTimeString().slice(0, 5)}` : said.dataset.failed;
    }, 700);
  });

  /* --- a call is timed from the moment its note is begun */
  setInterval(() => {
    const clock = find("[data-call]");
    if (!clock || !find('.compose input[value="call"]:checked')) return;
    clock.dataset.call ||= Date.now();
    const seconds = Math.floor((Date.now() - clock.dataset.call) / 1000);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    clock.nextElementSibling.value = seconds;
  }, 1000);

  /* --- what is held: it can be taken back from any page until it leaves */
  const HELD = "claimdesk.held";
  const noteHeld = () => {
    const last = all("[data-held]").at(-1);
    if (!last) return;
    const fields = all("input[type=hidden]", last).filter((each) => each.name !== "csrf").map((each) => [each.name, each.value]);
    const kept = { path: new URL(last.action).pathname, what: last.dataset.what, fields, until: Date.now() + 1000 * last.dataset.held };
    const before = JSON.parse(sessionStorage.getItem(HELD) ?? "null");
    if (before?.path !== kept.path) sessionStorage.setItem(HELD, JSON.stringify(kept));
    showHeld();
  };
  let heldTimer = 0;
  const showHeld = () => {
    clearTimeout(heldTimer);
    const form = find("#held");
    const held = JSON.parse(sessionStorage.getItem(HELD) ?? "null");
    if (!form) return;
    const left = held ? Math.ceil((held.until - Date.now()) / 1000) : 0;
    form.hidden = left <= 0;
    if (left <= 0) {
      if (held) for (const each of all(`[data-held][action="${held.path}"]`)) each.hidden = true;
      return;
    }
    form.action = held.path;
    for (const old of all("[data-of-held]", form)) old.remove();
    for (const [name, value] of held.fields) {
      const field = form.appendChild(document.createElement("input"));
      [field.type, field.name, field.value] = ["hidden", name, value];
      field.dataset.ofHeld = "";
    }
    const [what, leaves] = [find("[data-what]", form), find("[data-leaves]", form)];
    if (what.textContent !== held.what) what.textContent = held.what;
    leaves.textContent = leaves.dataset.leaves.replace("%s", left);
    heldTimer = setTimeout(showHeld, 500);
  };

  /* --- files of an answer: what is too large does not set out; the same file may be chosen again */
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".attach input")) return;
    const size = [...event.target.files].reduce((sum, file) => sum + file.size, 0);
    if (size <= Number(event.target.dataset.most)) return;
    event.stopPropagation();
    event.target.value = "";
    find("[data-refused]").textContent = event.target.dataset.tooLarge;
  }, true);
  const renew = () => {
    const field = find(".attach input");
    if (!field) return;
    field.value = "";
    if (!document.activeElement || document.activeElement === document.body) field.focus({ preventScroll: true });
  };

  /* --- who else is here, and what is new */
  let stream = null;
  let beat = 0;
  const path = () => (location.pathname.startsWith("/tickets/") ? location.pathname.split("/").slice(0, 3).join("/") : "");
  const say = (doing, options) => { if (path()) post(`${path()}/presence`, { doing }, options).catch(() => {}); };
  const listen = () => {
    stream?.close();
    clearInterval(beat);
    if (!find("#rail")) return;
    const ref = path().split("/")[2] ?? "";
    stream = new EventSource(`/live?ticket=${ref}`);
    stream.onmessage = (event) => hear(JSON.parse(event.data));
    stream.onerror = () => { // it also ends by itself now and then, and is back at once
      if (stream.readyState === EventSource.CONNECTING) lost ||= setTimeout(() => offline(true), 6000);
    };
    stream.onopen = () => { // a stream that was on its way when the network went is no connection
      clearTimeout(lost);
      lost = 0;
      if (navigator.onLine) offline(false);
    };
    if (!ref) return;
    say("looks");
    beat = setInterval(() => say(Date.now() - writes < 5000 ? "writes" : "looks"), 4000);
  };
  const hear = ({ present, last }) => {
    const mine = find("#presence");
    if (mine) {
      const others = present[mine.dataset.ticket] ?? [];
      mine.textContent = others.map(({ name, writes: isWriting }) => (isWriting ? mine.dataset.writes : mine.dataset.looks).replace("%s", name)).join(", ");
    }
    for (const row of all(".row[data-ticket]")) {
      const others = present[row.dataset.ticket] ?? [];
      row.classList.toggle("busy", others.length > 0);
      row.dataset.others = others.map(({ name }) => name[0]).join("");
    }
    const seen = Number(find(".compose input[name=seen]")?.value ?? 0);
    const news = find("#news");
    if (news) news.hidden = !(last && seen && last > seen);
  };
  let lost = 0;
  let since = null;
  let waiting = []; // forms that were sent while nobody could be reached, each with its button
  const offline = (isOff) => {
    const band = find("#offline");
    if (!band) return;
    since = isOff ? since ?? new Date().toTimeString().slice(0, 5) : null;
    band.hidden = !isOff;
    const at = find("[data-since]", band);
    if (at && since) at.textContent = since;
    tellWaiting();
    if (isOff) return;
    if (isUnsaved && !waiting.length) find(".compose textarea")?.dispatchEvent(new Event("input", { bubbles: true }));
    sendWaiting();
  };
  const tellWaiting = () => {
    const said = find("#offline [data-waiting]");
    if (!said) return;
    const { one, many } = said.dataset;
    said.textContent = waiting.length > 1 ? many.replace("%s", waiting.length) : waiting.length ? one : "";
  };
  const isTaken = async ([form, button]) => {
    const body = new URLSearchParams(new FormData(form, button));
    const answer = await fetch(button?.getAttribute("formaction") ?? form.action, { method: "POST", body }).catch(() => null);
    return Boolean(answer?.ok);
  };
  const sendWaiting = async () => { // in their order, each once; the last one, or one that is refused, shows its page
    const actions = waiting;
    waiting = [];
    const last = actions.pop();
    if (!last) return;
    const refused = [];
    for (const action of actions) if (!(await isTaken(action))) refused.push(action);
    const [form, button] = refused.length && (await isTaken(last)) ? refused[0] : last;
    delete form.dataset.sent;
    form.requestSubmit(button);
  };
  window.addEventListener("offline", () => offline(true));
  window.addEventListener("online", () => { if (since) listen(); });
  window.addEventListener("pagehide", () => { stream?.close(); say("left", { keepalive: true }); });

  /* An answer is sent once, however often the button is pressed. */
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "yes";
    if (event.target.action.endsWith("/undo")) sessionStorage.removeItem(HELD);
    if (!since) return;
    event.preventDefault();
    waiting.push([event.target, event.submitter]);
    tellWaiting();
    lookAgain();
  });
  const lookAgain = async () => { // a stream that is cut off on the way is no reason to keep what can be sent
    if (!since || !waiting.length) return;
    const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
    if (answer?.ok) offline(false);
    else setTimeout(lookAgain, 5000);
  };
  window.addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) delete form.dataset.sent; });

  document.addEventListener("htmx:after:swap", () => { select(); tell(); renew(); noteHeld(); });
  document.addEventListener("htmx:after:history:push", () => { select(); showLatest(); listen(); find("#ticket")?.focus({ preventScroll: true }); });
  document.addEventListener("DOMContentLoaded", () => {
    const off = find("[data-keys-off]");
    if (off) off.checked = areOff();
    standOn(find("[data-address]")?.dataset.address);
    select(); tell(); showLatest(); listen(); noteHeld(); showHeld();
    if (find(".compose [autofocus]")) write(null);
    else find("[autofocus]")?.focus();
  });
})();
