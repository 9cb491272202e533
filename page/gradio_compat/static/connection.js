// Gradio answers a lost connection with a toast and reloads the page, with its image, when the
// server is back. Told of an error instead, it calls the listeners for failures: the card then says
// what happened, and its visitor can try again.
const send = window.fetch;
const LONGEST_SILENCE = 60_000; // milliseconds; a stream beats every 15 seconds
const inTime = (promise) =>
  Promise.race([promise, new Promise((_, reject) => setTimeout(reject, LONGEST_SILENCE))]);
const LOST = new TextEncoder().encode(
  'data: {"msg": "unexpected_error", "message": ""}\n\ndata: {"msg": "close_stream"}\n\n'
);
const untilLost = (reader) =>
  new ReadableStream({
    async pull(controller) {
      const { done, value } = await inTime(reader.read()).catch(() => ({ done: true }));
      // At its own end Gradio waits for nothing more, so that this reaches nobody.
      controller.enqueue(done ? LOST : value);
      if (done) controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
window.fetch = async (...request) => {
  const address = String(request[0]?.url ?? request[0]);
  const has = (path) => address.includes(path);
  const [joins, listens, runs] = ["/queue/join", "/queue/data", "/gradio_api/run/"].map(has);
  if (!joins && !listens && !runs) return send(...request);
  try {
    const sent = send(...request);
    const response = await (joins || listens ? inTime(sent) : sent);
    return listens ? new Response(untilLost(response.body.getReader()), response) : response;
  } catch (error) {
    if (error?.name === "AbortError") throw error;
    return listens ? new Response(LOST) : new Response('{"error": ""}', { status: 503 });
  }
};
