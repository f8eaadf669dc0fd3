// <input type="file" data-hash="#out" …>: the SHA-256 of the chosen file, computed here.
// The element #out has data-kept='["<hex>", …]' if there is something to compare with, and its
// sentences in data-same, data-other and data-large.
for (const input of document.querySelectorAll("input[type=file][data-hash]")) {
  const out = document.querySelector(input.dataset.hash);
  if (!out || !crypto.subtle) continue;
  input.addEventListener("change", async () => {
    const file = input.files[0];
    out.replaceChildren();
    if (!file) return;
    if (file.size > Number(out.dataset.max)) {
      out.textContent = out.dataset.large;
      return;
    }
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (input.files[0] !== file) return;
    const code = document.createElement("code");
    code.textContent = hex;
    const kept = JSON.parse(out.dataset.kept || "[]");
    const words = kept.length ? (kept.includes(hex) ? out.dataset.same : out.dataset.other) : "SHA-256:";
    out.append(words, " ", code);
  });
}
