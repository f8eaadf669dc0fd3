// <time data-clock="Europe/Kyiv">14:10</time>: keep the time of day going.
{
  const clocks = document.querySelectorAll("time[data-clock]");
  const tick = () => {
    const now = new Date();
    for (const clock of clocks) {
      clock.textContent = new Intl.DateTimeFormat("en-GB", {
        hour: "2-digit", minute: "2-digit", timeZone: clock.dataset.clock,
      }).format(now);
      clock.dateTime = now.toISOString();
    }
    setTimeout(tick, 60_000 - (now.getTime() % 60_000));
  };
  if (clocks.length) tick();
}
