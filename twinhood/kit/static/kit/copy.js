// <button hidden data-copy="#link" data-copied="Copied">: copy a text, say so in the button.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  const before = button.textContent;
  button.addEventListener("click", async () => {
    const source = document.querySelector(button.dataset.copy);
    await navigator.clipboard.writeText((source.value ?? source.href ?? source.textContent).trim());
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = before; }, 4_000);
  });
}
