// <form data-keep="<what>" enctype="multipart/form-data">: what is typed and chosen is kept on this device as it is
// written, is there again after a power cut, and is sent once when there is a line.
// The form has a hidden `form_key`, by which the server knows a form that came twice, and
// {% include "kit/_keep.html" %}, which holds the line of state and its words.
(() => {
  if (!globalThis.indexedDB || !globalThis.sendFile || !crypto.randomUUID) return;
  const KEY = "form_key";
  const CACHE = "kept-pages-1";
  // Whose page this is: a form of one person is never sent in the name of another.
  const person = document.currentScript.dataset.person || "-";
  const held = document.querySelector("form[data-keep]");

  // --- what lies on this device: two tables
  const opened = new Promise((resolve, reject) => {
    const asking = indexedDB.open("kept", 1);
    asking.onupgradeneeded = () => {
      asking.result.createObjectStore("drafts", { keyPath: "id" });
      asking.result.createObjectStore("photos", { keyPath: "id" });
    };
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = () => reject(asking.error);
  });
  const table = async (name, act) => {
    const store = (await opened).transaction(name, "readwrite", { durability: "strict" }).objectStore(name);
    const asking = act(store);
    return new Promise((resolve, reject) => {
      store.transaction.oncomplete = () => resolve(asking.result);
      store.transaction.onabort = () => reject(store.transaction.error);
    });
  };
  const get = (name, id) => table(name, (store) => store.get(id));
  const all = (name) => table(name, (store) => store.getAll());
  const put = (name, row) => table(name, (store) => store.put(row));
  const drop = (name, id) => table(name, (store) => store.delete(id));
  const photosOf = async (id) => (await all("photos")).filter((photo) => photo.draft === id);

  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";
  const freshToken = async (path) => {
    const page = new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html");
    return page.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";
  };

  // --- sending: of all tabs one at a time
  const alone = (act) =>
    navigator.locks ? navigator.locks.request("kept", act) : Promise.resolve().then(act);
  const uploads = new Map();

  async function upload(photo, key, told) {
    if (!uploads.has(photo.id)) {
      const sending = (async () => {
        const answer = await globalThis.sendFile(photo.address, { "X-CSRFToken": key, "X-Keep": person }, photo.file, told);
        const row = (await get("photos", photo.id)) || photo;
        return Object.assign(row, { code: answer.code, note: answer.note });
      })();
      uploads.set(photo.id, sending);
      sending.finally(() => uploads.delete(photo.id)).catch(() => {});
    }
    const row = await uploads.get(photo.id);
    if (await get("photos", photo.id)) await put("photos", row);
    return row;
  }

  async function send(id, key) {
    const draft = await get("drafts", id);
    if (!draft || draft.state !== "queued") return null;
    const body = new FormData();
    for (const [name, value] of draft.fields) body.append(name, value);
    for (const photo of await photosOf(id)) {
      if (photo.problem) continue;
      if (!photo.address) body.append(photo.field, photo.file, photo.file.name);
      else {
        const { code } = photo.code ? photo : await upload(photo, key, () => {});
        body.set(`${photo.field}-${code}`, "1");
      }
    }
    body.append("csrfmiddlewaretoken", key);
    const answer = await fetch(draft.action, { method: "POST", body, headers: { "X-Keep": draft.person } });
    if (answer.status === 403 && !answer.headers.get("X-Keep")) throw { token: true };
    if (answer.status >= 500 || answer.status === 429) throw new TypeError("busy");
    if (answer.headers.get("X-Keep") === "done") {
      for (const photo of await photosOf(id)) await drop("photos", photo.id);
      // The name stays, so that a page kept from before is not sent under it again.
      await put("drafts", { id, state: "sent", at: Date.now() });
    } else await put("drafts", { ...draft, state: "draft" });
    return answer;
  }

  const trySend = (id, path) =>
    alone(async () => {
      try {
        return await send(id, token());
      } catch (problem) {
        if (!problem.token) throw problem;
        return send(id, await freshToken(path));
      }
    });

  // What waits from before goes when there is a line, whichever page is open.
  let wait = 2000;
  let again;
  async function sendWaiting() {
    clearTimeout(again);
    const drafts = await all("drafts");
    for (const draft of drafts) {
      if (draft.state === "sent" && draft.at < Date.now() - 30 * 86400e3) await drop("drafts", draft.id);
      if (draft.state !== "queued" || draft.person !== person || draft.id === form?.id) continue;
      try {
        const answer = await trySend(draft.id, draft.path);
        if (answer) form?.tell(answer.headers.get("X-Keep") === "done" ? "sent" : "refused");
      } catch {
        again = setTimeout(sendWaiting, (wait = Math.min(60000, wait * 1.5)));
        return;
      }
    }
  }

  const language = document.documentElement.lang;
  const percent = new Intl.NumberFormat(language, { style: "percent", roundingMode: "floor" });

  // --- the form of this page
  class Kept {
    constructor(element) {
      this.element = element;
      this.line = element.querySelector("[data-kept-line]");
      this.key = element.elements[KEY];
    }

    async begin() {
      const { keep } = this.element.dataset;
      const drafts = (await all("drafts")).filter((draft) => draft.keep === keep && draft.person === person);
      const known = await get("drafts", this.key.value);
      const latest = drafts.filter((draft) => draft.state === "draft").sort((a, b) => b.at - a.at)[0];
      if ("bound" in this.element.dataset) this.id = this.key.value;
      else if (latest) {
        this.id = latest.id;
        this.fill(latest.fields);
        // Whatever draws a field anew: a signature on the glass.
        this.element.dispatchEvent(new Event("restored"));
        this.tell("restored", latest.at);
      } else this.id = known ? crypto.randomUUID() : this.key.value;
      this.key.value = this.id;
      if (drafts.some((draft) => draft.state === "queued")) this.tell("waiting");
      for (const photo of await photosOf(this.id)) this.show(photo);
      this.element.addEventListener("input", () => {
        clearTimeout(this.saving);
        this.saving = setTimeout(() => this.save(), 250);
      });
      this.element.addEventListener("change", (event) => this.chosen(event.target));
      this.element.addEventListener("submit", (event) => {
        event.preventDefault();
        this.submit();
      });
      this.element.querySelector("[data-kept-discard]")?.addEventListener("click", () => this.discard());
      await this.uploadAll();
    }

    fields() {
      return [...new FormData(this.element)].filter(
        ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken",
      );
    }

    fill(fields) {
      const values = new Map(fields);
      for (const field of this.element.elements) {
        if (!field.name || field.type === "file" || field.name === "csrfmiddlewaretoken") continue;
        if (field.type === "checkbox" || field.type === "radio")
          field.checked = values.get(field.name) === field.value;
        else if (values.has(field.name)) field.value = values.get(field.name);
      }
    }

    async save(state = "draft") {
      clearTimeout(this.saving);
      const { keep } = this.element.dataset;
      const path = location.pathname + location.search;
      const action = this.element.action || location.href;
      const row = { id: this.id, keep, person, path, action, fields: this.fields(), at: Date.now(), state };
      await put("drafts", row);
      if (state === "draft") this.tell("kept", row.at);
    }

    tell(word, at) {
      const words = this.line?.dataset[word];
      if (!words) return;
      const time = at && new Date(at).toLocaleTimeString(language, { timeStyle: "short" });
      this.line.querySelector("[data-kept-words]").textContent = words.replace("{time}", time);
      this.line.dataset.state = word;
      this.line.querySelector("[data-kept-discard]").hidden = !["kept", "restored"].includes(word);
    }

    // --- photos
    async chosen(input) {
      const box = input.closest?.("[data-files]");
      if (!box) return;
      if (input.type === "checkbox" && !input.checked) {
        const code = input.name.slice(box.dataset.files.length + 1);
        for (const photo of await photosOf(this.id)) if (photo.code === code) await drop("photos", photo.id);
      }
      if (input.type !== "file") return;
      if (!input.multiple && input.files.length)
        for (const before of await photosOf(this.id))
          if (before.field === box.dataset.files) {
            await drop("photos", before.id);
            this.element.querySelector(`[data-photo="${before.id}"]`)?.remove();
          }
      for (const file of input.files) {
        const photo = {
          id: crypto.randomUUID(), draft: this.id, field: box.dataset.files, file,
          address: box.dataset.upload || "",
        };
        await put("photos", photo);
        this.show(photo);
      }
      input.value = "";
      input.required = false;
      await this.save();
      await this.uploadAll();
    }

    show(photo) {
      const box = this.element.querySelector(`[data-files="${photo.field}"]`);
      const isListed = photo.code && this.element.elements[`${photo.field}-${photo.code}`];
      if (!box || isListed) return;
      const row = box.querySelector("template").content.firstElementChild.cloneNode(true);
      row.dataset.photo = photo.id;
      row.querySelector("[data-name]").textContent = photo.file.name;
      row.querySelector("button").addEventListener("click", async () => {
        await drop("photos", photo.id);
        row.remove();
        this.save();
      });
      box.querySelector("[data-rows]").append(row);
      if (photo.problem) this.state(photo, "refused", photo.problem);
      else if (photo.code) this.state(photo, "here", photo.note);
      else this.state(photo, "kept");
    }

    state(photo, word, more = "") {
      const row = this.element.querySelector(`[data-photo="${photo.id}"]`);
      if (!row) return;
      row.dataset.state = word;
      const words = row.closest("[data-files]").dataset[word] || "";
      row.querySelector("[data-state-words]").textContent = words.replace("{percent}", more) + (word === "here" && more ? ` ${more}` : "") + (word === "refused" ? more : "");
    }

    async uploadAll() {
      for (const photo of await photosOf(this.id)) {
        if (photo.code || photo.problem || !photo.address) continue;
        try {
          const told = (share) => this.state(photo, "going", percent.format(share));
          const row = await upload(photo, token(), told);
          this.state(row, "here", row.note);
        } catch (problem) {
          if (problem.problem) {
            await put("photos", { ...photo, problem: problem.problem });
            this.state(photo, "refused", problem.problem);
          } else {
            this.state(photo, "kept");
            this.later();
          }
        }
      }
    }

    // --- sending
    async submit() {
      navigator.storage?.persist?.();
      await this.save("queued");
      this.tell("sending");
      try {
        this.answered(await trySend(this.id, location.href));
      } catch {
        this.tell("waiting");
        this.later();
      }
    }

    async answered(answer) {
      if (!answer) return;
      const to = answer.headers.get("X-Location");
      if (to) {
        this.tell(answer.headers.get("X-Keep") === "done" ? "sent" : "kept", Date.now());
        location.assign(to);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.querySelector("main");
      if (!main) return this.tell("waiting");
      document.title = page.title;
      document.querySelector("main").replaceWith(document.adoptNode(main));
      globalThis.htmx?.process(document.querySelector("main"));
      document.dispatchEvent(new Event("kept-page"));
      await begin(document.querySelector("form[data-keep]"));
      document.querySelector("#problems")?.focus();
    }

    later() {
      clearTimeout(this.again);
      this.again = setTimeout(() => this.onLine(), (this.wait = Math.min(60000, (this.wait || 2000) * 1.5)));
    }

    async onLine() {
      const draft = await get("drafts", this.id);
      if (draft?.state === "queued") await this.submit();
      else await this.uploadAll();
    }

    async discard() {
      for (const photo of await photosOf(this.id)) await drop("photos", photo.id);
      await drop("drafts", this.id);
      location.reload();
    }
  }

  // --- a page that was opened once opens without a line
  async function remember() {
    if (!navigator.serviceWorker || !globalThis.caches) return;
    await navigator.serviceWorker.register("/worker.js", { scope: location.pathname });
    let cache = await caches.open(CACHE);
    const parts = [...document.querySelectorAll("link[href][rel~=stylesheet],link[href][rel=icon],link[href][rel=preload],script[src]")]
      .map((part) => part.href || part.src)
      .filter((address) => address.startsWith(location.origin));
    const known = await cache.match(location.href).then((page) => page?.text() || "");
    const isSame = parts.every((address) => known.includes(new URL(address).pathname));
    if (known && isSame) return;
    if (known) await caches.delete(CACHE);
    cache = await caches.open(CACHE);
    await cache.addAll([location.href, ...parts]);
  }

  let form = null;
  async function begin(element) {
    form = element && element.elements[KEY] ? new Kept(element) : null;
    await form?.begin();
  }

  begin(held).then(sendWaiting).catch(() => {});
  if (held && !("bound" in held.dataset)) remember().catch(() => {});
  addEventListener("online", () => {
    form?.onLine();
    sendWaiting().catch(() => {});
  });
})();
