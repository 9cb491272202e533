// Gradio answers a lost connection with a toast and reloads the page, with its image, when the
// server is back. Told of an error instead, it calls the listeners for failures: the card then says
// what happened, and its visitor can try again.
const send = window.fetch;
const LONGEST_SILENCE = 60_000; // milliseconds; a stream beats every 15 seconds
const inTime = (promise) =>
  Promise.race([promise, new Promise((_, reject) => setTimeout(reject, LONGEST_SILENCE))]);
const encoder = new TextEncoder();
const LOST = encoder.encode(
  'data: {"msg": "unexpected_error", "message": ""}\n\ndata: {"msg": "close_stream"}\n\n'
);
const COMPLETED = /^data: {"msg":"process_completed","event_id":"(\w+)"/;
const END = 'data: {"msg":"close_stream"';

// The server ends a stream when it knows of no other call. On a slow network Gradio may know of one
// by then, and would wait for it for ever: the stream is asked for again.
const called = new Set(); // not completed in the stream that is open
const listen = async (request) => {
  const response = await inTime(send(...request));
  let reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const read = async () => {
    const { done, value } = await inTime(reader.read());
    if (done) throw done;
    text += decoder.decode(value, { stream: true });
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) called.delete(event.match(COMPLETED)?.[1]);
    if (!called.size || !events.at(-1)?.startsWith(END)) return events;
    called.clear(); // The server knows of them now.
    reader = (await inTime(send(...request))).body.getReader();
    return events.slice(0, -1);
  };
  const pull = async (controller) => {
    try {
      let events = [];
      while (!events.length) events = await read();
      controller.enqueue(encoder.encode(events.map((event) => `${event}\n\n`).join("")));
    } catch {
      called.clear();
      // At its own end Gradio waits for nothing more, so that this reaches nobody.
      controller.enqueue(LOST);
      controller.close();
    }
  };
  const cancel = (reason) => reader.cancel(reason);
  return new Response(new ReadableStream({ pull, cancel }), response);
};

const join = async (request) => {
  const response = await inTime(send(...request));
  if (response.ok) called.add((await response.clone().json()).event_id);
  return response;
};

window.fetch = async (...request) => {
  const address = String(request[0]?.url ?? request[0]);
  const has = (path) => address.includes(path);
  const [joins, listens, runs] = ["/queue/join", "/queue/data", "/gradio_api/run/"].map(has);
  if (!joins && !listens && !runs) return send(...request);
  try {
    return await (joins ? join(request) : listens ? listen(request) : send(...request));
  } catch (error) {
    if (error?.name === "AbortError") throw error;
    return listens ? new Response(LOST) : new Response('{"error": ""}', { status: 503 });
  }
};
