/* What the pages do beyond links and forms: theme, keys, the selected row, the end of a timeline. Everything here has a
   link or a button that does the same without script. */
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isShown = (element) => element.checkVisibility();

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
  const select = () => {
    for (const row of all(".row")) {
      const isOpen = new URL(row.href).pathname === location.pathname;
      row.toggleAttribute("aria-current", isOpen);
      if (isOpen) { row.setAttribute("aria-current", "true"); row.classList.remove("new"); find(".newly", row)?.remove(); }
    }
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
    find(".compose textarea").focus();
  };
  const close = () => {
    const open = find("details[open].why, details[open].menu");
    if (open) { open.open = false; find("summary", open).focus(); return; }
    if (location.hash === "#case") { location.hash = "#ticket"; return; }
    if (document.activeElement?.matches("textarea, input")) { document.activeElement.blur(); return; }
    find("[data-close]")?.click();
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    r: () => write(null),
    n: () => write("note"),
    p: () => write("call"),
    q: () => find("[data-key=q]")?.click(),
    e: () => find("[data-key=e]")?.click(),
    a: () => find("[data-key=a]")?.click(),
    z: () => find("[data-key=z]")?.click(),
    c: () => { if (find("#case")) location.hash = location.hash === "#case" ? "#ticket" : "#case"; },
    "?": () => find("#keys")?.showModal(),
  };
  const isTyping = (element) => element.matches("input:not([type=checkbox], [type=radio]), textarea, select");

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !find("dialog[open]")) { close(); return; }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form") || find(".builder form");
      const send = form && all("button.main", form).find(isShown);
      if (send) { event.preventDefault(); form.requestSubmit(send); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || find("dialog[open]")) return;
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-switch]")) turnTheme();
    if (event.target.closest("[data-keys]")) keys["?"]();
    for (const open of all("details[open].why, details[open].menu")) if (!open.contains(event.target)) open.open = false;
  });

  /* An answer is sent once, however often the button is pressed. */
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) delete form.dataset.sent; });

  document.addEventListener("htmx:after:swap", () => { select(); });
  document.addEventListener("htmx:after:history:push", () => { select(); showLatest(); find("#ticket")?.focus({ preventScroll: true }); });
  document.addEventListener("DOMContentLoaded", () => { select(); showLatest(); find("[autofocus]")?.focus(); });
})();
