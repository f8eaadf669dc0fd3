// <p data-live hx-get="…" hx-trigger="every 15s" aria-live="polite">: sums that keep up.
// Not asked for while nobody looks; nothing is swapped, and so nothing read aloud, unless the words
// have changed; an answer that failed leaves the last good one on the page.
{
  const words = (element) => element.textContent.replace(/\s+/g, " ").trim();
  const live = (event) => event.detail.ctx.sourceElement.closest("[data-live]");

  document.addEventListener("htmx:before:request", (event) => {
    if (live(event) && document.hidden) event.preventDefault();
  });

  document.addEventListener("htmx:after:request", (event) => {
    const element = live(event);
    if (!element) return;
    const { response, text } = event.detail.ctx;
    const answer = new DOMParser().parseFromString(text, "text/html").body;
    if (response.status !== 200 || words(answer) === words(element)) event.preventDefault();
  });
}
