// sendFile(address, headers, file, told): sends a file in chunks, and never a byte that is there.
// `told(share)` is called with the part that has arrived, from 0 to 1. Gives the server's answer
// ({code, note}); throws {problem} if the file is not taken, and TypeError if the line is gone.
globalThis.sendFile = (() => {
  const SMALLEST = 16384;
  const LARGEST = 524288;
  const hex = async (bytes) =>
    [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  async function asked(address, headers, body) {
    for (let tries = 0; ; tries++) {
      const answer = await fetch(address, {
        method: "POST",
        body,
        headers,
        redirect: "error",
        signal: AbortSignal.timeout(60000),
      });
      if (answer.ok) return answer.json();
      if (answer.status === 403 || answer.status === 404) throw { again: true, token: true };
      const said = (answer.headers.get("Content-Type") || "").includes("json")
        ? await answer.json()
        : { again: answer.status >= 500 };
      if (!said.again) throw { problem: said.problem };
      if (tries > 4) throw new TypeError("busy");
      await pause(1000 * 2 ** tries);
    }
  }

  return async (address, headers, file, told) => {
    const about = new URLSearchParams({
      name: file.name || "",
      size: file.size,
      sha256: await hex(await file.arrayBuffer()),
    });
    let answer = await asked(address, headers, about);
    // A chunk takes a second or two: little is lost when the line breaks.
    let length = 2 * SMALLEST;
    while (answer.state === "receiving") {
      told(answer.received / file.size);
      const start = answer.received;
      const chunk = await file.slice(start, start + length).arrayBuffer();
      const begun = performance.now();
      const query = new URLSearchParams({ start, sha256: await hex(chunk) });
      answer = await asked(`${address}${answer.code}/?${query}`, headers, chunk);
      const took = performance.now() - begun;
      if (took < 1000) length = Math.min(LARGEST, length * 2);
      else if (took > 3000) length = Math.max(SMALLEST, length / 2);
    }
    told(1);
    return answer;
  };
})();
