/* The upload page with script: each file leaves at once with its progress, and again after a lost line; the form does
   the same without script, all at once. */
(() => {
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const MOST = 60 * 1024 * 1024;
  const waiting = [];
  let sending = false;

  const entry = (file, line) => {
    const row = document.createElement("div");
    row.className = "up";
    const said = document.createElement("div");
    const name = document.createElement("span");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", `${form.dataset.sending}: ${file.name}`);
    said.append(name, bar);
    const state = document.createElement("span");
    state.className = "dim";
    state.setAttribute("role", "status");
    row.append(said, state);
    line.insertBefore(row, line.querySelector("[data-files]"));
    return { row, bar, state };
  };

  const post = (job) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${form.action}&once=${job.once}`);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const percent = Math.round((100 * event.loaded) / event.total);
      job.shown.bar.value = percent;
      job.shown.state.textContent = `${percent} %`;
    });
    request.addEventListener("load", () => (request.status === 200 ? resolve() : reject(new Error(request.status))));
    for (const event of ["error", "abort", "timeout"]) request.addEventListener(event, () => reject(new Error(event)));
    const data = new FormData();
    data.append(job.field, job.file, job.file.name);
    request.send(data);
  });

  const arrived = (job) => {
    job.shown.bar.remove();
    job.shown.state.className = "st green";
    job.shown.state.textContent = `✓ ${form.dataset.received}`;
  };

  /* One after the other, oldest first; the same file keeps its number, so that it counts once however often it leaves. */
  const work = async () => {
    if (sending) return;
    sending = true;
    while (waiting.length) {
      try {
        await post(waiting[0]);
        arrived(waiting.shift());
      } catch (error) {
        waiting[0].shown.state.textContent = form.dataset.failed;
        setTimeout(work, 5000);
        break;
      }
    }
    sending = false;
  };

  form.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    const line = input.closest("[data-line]");
    for (const file of input.files) {
      const shown = entry(file, line);
      if (file.size > MOST) { shown.state.textContent = form.dataset.large; shown.bar.remove(); continue; }
      waiting.push({ file, field: input.name, once: crypto.randomUUID(), shown });
    }
    input.value = "";
    work();
  });

  window.addEventListener("online", work);
  window.addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
  form.addEventListener("submit", (event) => { if (waiting.length) { event.preventDefault(); work(); } });
})();
