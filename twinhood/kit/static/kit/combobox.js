// <div class="combo" data-combobox="/en/suggest/"><input name="q">…</div>
// Suggestions of the server under a search field (ARIA 1.2 combobox with a listbox). The server
// answers ?q=… with <li role="option" data-url="…">…</li> rows; the form works without this file.
{
  const DELAY_MS = 150;
  let boxes = 0;

  class Combobox {
    constructor(root) {
      this.root = root;
      this.input = root.querySelector("input");
      this.list = document.createElement("ul");
      this.list.id = `suggestions-${++boxes}`;
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", this.input.labels[0]?.textContent.trim() ?? "");
      this.list.hidden = true;
      root.append(this.list);
      for (const [name, value] of Object.entries({
        role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
        "aria-controls": this.list.id,
      })) this.input.setAttribute(name, value);
      this.input.addEventListener("input", () => this.later());
      this.input.addEventListener("keydown", (event) => this.key(event));
      this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
      // A press must not take the focus away before the click arrives.
      this.list.addEventListener("pointerdown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => this.go(event.target.closest("[role=option]")));
    }

    later() {
      clearTimeout(this.timer);
      this.asked?.abort();
      if (this.input.value.trim().length < 2) return this.close();
      this.timer = setTimeout(() => this.ask(), DELAY_MS);
    }

    async ask() {
      this.asked = new AbortController();
      const url = new URL(this.root.dataset.combobox, location.href);
      url.searchParams.set("q", this.input.value.trim());
      try {
        const answer = await fetch(url, { signal: this.asked.signal });
        if (answer.ok) this.show(await answer.text());
      } catch (error) {
        if (error.name !== "AbortError") this.close();
      }
    }

    show(html) {
      this.list.innerHTML = html;
      this.options = [...this.list.querySelectorAll("[role=option]")];
      this.options.forEach((option, i) => { option.id = `${this.list.id}-${i}`; });
      this.choose(-1);
      this.open(this.options.length > 0);
    }

    open(isOpen) {
      this.list.hidden = !isOpen;
      this.input.setAttribute("aria-expanded", String(isOpen));
    }

    close() {
      this.choose(-1);
      this.open(false);
    }

    choose(index) {
      this.chosen = index;
      (this.options ?? []).forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
      const option = this.options?.[index];
      if (!option) return this.input.removeAttribute("aria-activedescendant");
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }

    key(event) {
      const count = this.options?.length ?? 0;
      if (event.isComposing || this.list.hidden || !count) return;
      if (event.key === "Escape") this.close();
      else if (event.key === "ArrowDown") this.choose((this.chosen + 1) % count);
      else if (event.key === "ArrowUp") this.choose(this.chosen <= 0 ? count - 1 : this.chosen - 1);
      else if (event.key === "Enter" && this.chosen >= 0) this.go(this.options[this.chosen]);
      else return;
      event.preventDefault();
    }

    go(option) {
      if (option?.dataset.url) location.assign(option.dataset.url);
    }
  }

  for (const root of document.querySelectorAll("[data-combobox]")) new Combobox(root);
}
